#!/bin/bash
# Checks the kernels in C, on this processor and as a 64-bit ARM under qemu.
#
#   kernels.sh
#
# Where the cross compilation or qemu is not there it says SKIPPED with the reason. Exits with 1 if a kernel is wrong.

set -eu
cd "$(dirname "$0")/../.."
work=.build/kernels
mkdir -p $work
flags="-O2 -Wall -Wextra -Werror -ffp-contract=fast -ISources/CKernels/include"

clang $flags -o $work/here Tests/System/kernels.c Sources/CKernels/kernels.c -lm
$work/here

for tool in aarch64-linux-gnu-ld qemu-aarch64-static; do
  command -v $tool >/dev/null || {
    echo "SKIPPED: the kernels were NOT checked for ARM, because there is no $tool: see SYSTEM_TEST_PACKAGES" >&2
    exit 0
  }
done
clang $flags --target=aarch64-linux-gnu --sysroot=/ -isystem /usr/aarch64-linux-gnu/include \
  -B/usr/aarch64-linux-gnu/lib -L/usr/aarch64-linux-gnu/lib -static --ld-path="$(command -v aarch64-linux-gnu-ld)" \
  -o $work/arm Tests/System/kernels.c Sources/CKernels/kernels.c -lm
qemu-aarch64-static $work/arm | sed 's/^ok/ok ARM:/'
