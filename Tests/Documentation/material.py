"""The files that the commands of the documentation read: sound, labelled songs, weights."""

import array
import functools
import math
import pathlib
import random
import re
import subprocess
import sys
import wave

ROOT = pathlib.Path(__file__).resolve().parents[2]


@functools.cache
def music(seconds: int, rate: int) -> bytes:
    """Something like music: chords that change every half second. Mono, 16 bits."""
    samples = array.array("h")
    for index in range(seconds * rate):
        time = index / rate
        beat = int(2 * time)
        root = 110 * 2 ** ([0, 5, 7, 3, 8, 10][beat % 6] / 12)
        chord = sum(math.sin(2 * math.pi * root * ratio * time) for ratio in (1, 1.25, 1.5))
        samples.append(int(6000 * chord * math.exp(3 * (beat / 2 - time))))
    return samples.tobytes()


def write_wav(path: pathlib.Path, samples: bytes, rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)


def write_song(path: pathlib.Path) -> None:
    """Eight seconds as wav, whatever the name: affectd looks at the first bytes. Its own tests read all formats."""
    write_wav(path, music(8, 48_000), 48_000)


def write_rehearsal(path: pathlib.Path) -> None:
    """More than the minute from which on a calibration has a filter."""
    write_wav(path, 8 * music(8, 48_000), 48_000)


def write_with_ffmpeg(path: pathlib.Path) -> None:
    """A song in a format that ffmpeg alone reads."""
    song = path.with_suffix(".source.wav")
    write_song(song)
    subprocess.run(["ffmpeg", "-v", "error", "-i", song, path], check=True, stdin=subprocess.DEVNULL)
    song.unlink()


@functools.cache
def drums(strength: float, seconds: int, rate: int) -> bytes:
    """A tone that goes on, with drums of this strength over it."""
    noise = random.Random(1)
    decay = [15_000 * strength * math.exp(-index / 400) for index in range(2000)]
    return array.array("h", (
        int(3000 * math.sin(2 * math.pi * 220 * index / rate) + decay[index % 2000] * noise.uniform(-1, 1))
        for index in range(seconds * rate))).tobytes()


def write_data(folder: pathlib.Path) -> None:
    """Songs with labels over time, in the layout of docs/models.md: the louder the drums, the higher the arousal."""
    songs, seconds, rate = 16, 10, 16_000
    (folder / "audio").mkdir(parents=True)
    moments = [f"sample_{moment}ms" for moment in range(0, 1000 * seconds + 1, 500)]
    valence = arousal = "song_id," + ",".join(moments) + "\n"
    table = "song_id,artist,excerpt_start_s,excerpt_end_s\n"
    for song in range(1, songs + 1):
        strength = song / songs
        write_wav(folder / f"audio/{song}.wav", drums(strength, seconds, rate), rate)
        valence += f"{song}" + f",{0.1 - strength / 5}" * len(moments) + "\n"
        arousal += f"{song}" + f",{strength - 0.5}" * len(moments) + "\n"
        table += f"{song},band {song % 7},0,{seconds}\n"
    (folder / "dynamic_valence.csv").write_text(valence)
    (folder / "dynamic_arousal.csv").write_text(arousal)
    (folder / "songs.csv").write_text(table)


def write_collection(folder: pathlib.Path) -> None:
    """A few songs in folders."""
    for name in ["a/one.flac", "a/two.mp3", "b/three.opus"]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_song(folder / name)


def write_quadrants(folder: pathlib.Path) -> None:
    """Songs of which the quadrant is all that is known."""
    (folder / "audio").mkdir(parents=True)
    table = "song_id,quadrant,artist\n"
    for quadrant in range(1, 5):
        write_song(folder / f"audio/clip-{quadrant}.wav")
        table += f"clip-{quadrant},{quadrant},artist {quadrant}\n"
    (folder / "quadrants.csv").write_text(table)


def write_openl3_weights(path: pathlib.Path) -> None:
    """Random weights in the form of the published ones, as the tests of the script have them."""
    sys.path.insert(0, str(ROOT / "tools/tests"))
    import keras_files
    keras_files.write_keras(path, keras_files.random_network())


def write_card(directory: pathlib.Path, configuration: str) -> None:
    """What the page on the card of the tests begins with: its source, and a folder DIR with what the card plays."""
    (directory / "pcm_affecttest.c").symlink_to(ROOT / "Tests/ALSAPlugin/pcm_affecttest.c")
    folder = directory / "DIR"
    folder.mkdir()
    (folder / "input.raw").write_bytes(music(8, 48_000))
    (folder / "test.conf").write_text(configuration.replace("DIR", str(folder)))


def write_sound_cards(directory: pathlib.Path, plugin: pathlib.Path) -> pathlib.Path:
    """A configuration of ALSA in which the default device and every card is the one of Tests/ALSAPlugin."""
    (directory / "card.raw").write_bytes(music(8, 48_000))
    card = (f'type affecttest  file "{directory}/card.raw"  format S16_LE  channels 2  rate 48000  loop 1 '
            'hint { show on  description "Test card" }')
    path = directory / "asound.conf"
    path.write_text(
        f'pcm_type.affecttest.lib "{plugin}"\n'
        f"pcm.default {{ {card} }}\n"
        f"pcm.hw {{ @args [ CARD ]  @args.CARD {{ type string }}  {card} }}\n")
    return path


# By the names that the pages use. What an earlier command of the page makes is not among them.
FILES = {
    "song.wav": write_song,
    "song.mp3": write_song,
    "song.flac": write_song,
    "*.flac": lambda path: write_song(path.with_name("another.flac")),
    "song.m4a": write_with_ffmpeg,
    "show.wav": write_song,
    "rehearsal.wav": write_rehearsal,
    "music": write_collection,
    "DATA": write_data,
    "OTHER_DATA": write_data,
    "deam": write_data,
    "4qaed": write_quadrants,
    "openl3_audio_mel256_music.h5.gz": write_openl3_weights,
    "openl3_audio_mel256_music-v0_4_0.h5.gz": write_openl3_weights,
    "weights.h5": write_openl3_weights,
}


def names(command: str) -> set[str]:
    """Which of these files a command names."""
    return {name for name in FILES if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.-])", command)}


def write_files(directory: pathlib.Path, command: str) -> None:
    """Makes the files that a command names and that are not there yet."""
    for name in names(command):
        if not (directory / name).exists():
            FILES[name](directory / name)


def link_repository(directory: pathlib.Path) -> None:
    """The parts of the repository that commands name, which run from its top."""
    for name in ["systemd", "tools", "Tests", "examples"]:
        (directory / name).symlink_to(ROOT / name)
    (directory / ".build").mkdir()
    # The environment that this script runs in.
    (directory / ".build/venv").symlink_to(sys.prefix)
    (directory / ".build/release").symlink_to(ROOT / ".build/release")
