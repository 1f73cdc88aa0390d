#pragma once

#include <stddef.h>

// The hot inner loops of the networks. Each is written once, over the compiler's vector types
// (kernels.inc), and compiled for several instruction sets, between which a program chooses when it runs.
//
// Arrays are of single-precision numbers, row-major, and need no alignment. No kernel allocates, and
// none reads or writes beyond what its description names.

/// Winograd's minimal filtering F(m x m, 3 x 3) (Winograd 1980; Lavin and Gray, "Fast algorithms for
/// convolutional neural networks", CVPR 2016), for m = 4 and m = 6: tiles of m x m outputs from
/// (m + 2) x (m + 2) inputs, by (m + 2)^2 products for each pair of channels.
///
/// A convolution with one zero pixel around a `height x width x channels` image; a tile is named by its
/// number, row by row.
typedef struct {
  int height, width;
  /// Tiles side by side: ceil(width / m).
  int tiles_per_row;
  /// First tile, and how many.
  int first_tile, tile_count;
} affectd_tiles;

#define AFFECTD_TOOM_COOK_TIME_PLANES 10
#define AFFECTD_TOOM_COOK_BAND_PLANES 5

typedef struct {
  /// "portable", "avx2" or "avx512".
  const char *name;
  /// Floats in a vector.
  int lanes;
  /// Columns of a packed panel, see `multiply`.
  int panel_width;
  /// Rows that `multiply` works on at once; multiples of it lose nothing.
  int tile_rows;

  /// c = a b, or c += a b if `accumulate` is not 0.
  ///
  /// `a` is `rows x depth` with `a_stride` from row to row (rows may overlap), `c` is `rows x columns` with
  /// `c_stride`. `panels` holds `b`, `depth x columns`, cut into panels of `panel_width` columns, each
  /// `depth x panel_width`, the last one filled up with zeros; from panel to panel it is `panel_stride`.
  void (*multiply)(const float *a, ptrdiff_t a_stride, const float *panels, ptrdiff_t panel_stride, float *c,
                   ptrdiff_t c_stride, int rows, int columns, int depth, int accumulate);

  /// The same, and the largest value of each row of the result into `maxima` (`rows`). `columns` is a multiple of
  /// `panel_width`.
  void (*multiply_and_maximum)(const float *a, ptrdiff_t a_stride, const float *panels, ptrdiff_t panel_stride,
                               float *c, ptrdiff_t c_stride, int rows, int columns, int depth, int accumulate,
                               float *maxima);

  /// The largest value of each column of `count` rows (at least one) of `columns`, `stride` apart, into `maxima`, and
  /// its sum, from the first row to the last, into `sums`.
  void (*maximum_and_sum)(const float *rows, ptrdiff_t stride, int count, int columns, float *maxima, float *sums);

  /// `outputs` weighted sums of `count` rows of `columns`, `stride` apart. The weights of sum i begin at
  /// `weights + i * weight_stride`; it goes to `sums + i * sum_stride`.
  void (*combine_rows)(const float *rows, ptrdiff_t stride, int count, int columns, const float *weights,
                       ptrdiff_t weight_stride, int outputs, float *sums, ptrdiff_t sum_stride);

  /// The sum of the products of two rows of `count`.
  float (*dot_product)(const float *a, const float *b, int count);

  /// A Toom-Cook filter in two dimensions, F(4, 7) along time and F(3, 3) along the bands, for one panel of channels,
  /// and the maximum over its positions along the bands.
  ///
  /// Plane p of AFFECTD_TOOM_COOK_TIME_PLANES x AFFECTD_TOOM_COOK_BAND_PLANES is a product: its left side begins at
  /// `inputs + p * input_stride`, has ceil(positions / 3) rows of `depth`, each beginning one further than the row before;
  /// its right side is `depth x panel_width` at `weights + p * depth * panel_width`. Position 3 i + a is output a of row
  /// i. `maxima` gets four rows of `panel_width`, `maxima_stride` apart. `workspace` has room for
  /// AFFECTD_TOOM_COOK_TIME_PLANES * AFFECTD_TOOM_COOK_BAND_PLANES * (ceil(positions / 3) * panel_width + 16).
  void (*toom_cook_maximum)(const float *inputs, ptrdiff_t input_stride, const float *weights, int positions, int depth,
                            float *workspace, float *maxima, ptrdiff_t maxima_stride);

  /// output = max(0, values + bias) * scale + offset for each column of `rows` rows: ReLU, then batch normalisation.
  /// `values` has `stride` from row to row, `output` `columns`.
  void (*rectify_and_scale)(const float *values, ptrdiff_t stride, int rows, int columns, const float *bias,
                            const float *scale, const float *offset, float *output);

  /// Transforms tiles of `image` (`height x width x channels`): plane p of (m + 2)^2 begins at
  /// `planes + p * plane_stride` and holds `tile_count x channels`.
  void (*winograd4_input)(affectd_tiles tiles, const float *image, int channels, float *planes,
                          ptrdiff_t plane_stride);
  void (*winograd6_input)(affectd_tiles tiles, const float *image, int channels, float *planes,
                          ptrdiff_t plane_stride);

  /// Transforms planes (`tile_count x channels` each) back, adds `bias` (`channels`), replaces what is negative
  /// by 0 if `rectify` is not 0, and writes the tiles into `output`: `height x width x output_channels`, or, if
  /// `pool` is not 0, the maxima of its 2 x 2 blocks, `height / 2 x width / 2 x output_channels`. The channels go to
  /// those from `first_channel` on.
  void (*winograd4_output)(affectd_tiles tiles, const float *planes, ptrdiff_t plane_stride, int channels,
                           const float *bias, int rectify, int pool, float *output, int output_channels,
                           int first_channel);
  void (*winograd6_output)(affectd_tiles tiles, const float *planes, ptrdiff_t plane_stride, int channels,
                           const float *bias, int rectify, int pool, float *output, int output_channels,
                           int first_channel);

  /// A 3 x 3 convolution of one channel with one zero pixel around: `image` (`height x width`), `weights`
  /// (`9 x channels`), rows `first_row ..< first_row + rows` of the output into `output` (`rows x width x channels`).
  void (*convolve_one_channel)(const float *image, int height, int width, const float *weights, const float *bias,
                               int channels, int rectify, int first_row, int rows, float *output);

  /// The power spectra |X[k]|^2, k = 0 ... length / 2, of as many frames at once as a vector has lanes: frame i is the
  /// `length` samples (a power of two, at least 4) of `audio` from i * step on, times `window`. A decimation in time
  /// (Cooley and Tukey 1965) over the even and odd samples as real and imaginary parts, and their separation.
  ///
  /// `turns` holds cos and -sin of 2 pi k / length for k < length / 2, one after the other; `order` the numbers
  /// 0 ..< length / 2 with their bits reversed; `workspace` has room for length x lanes. `power` is
  /// (length / 2 + 1) x lanes.
  void (*power_spectra)(const float *audio, ptrdiff_t step, const float *window, int length, const float *turns,
                        const int *order, float *workspace, float *power);

  /// Replaces each of `count` x lanes numbers by its square root.
  void (*square_roots)(float *values, int count);

  /// Multiplies and adds for about `rounds` x 1,000,000 operations and returns how many there were: the most that
  /// a core can do, for benchmarks. `sink` keeps the compiler from leaving it out.
  double (*peak)(long rounds, float *sink);
} affectd_kernels;

/// The kernels of this name, null if this processor does not run them or the name is not known.
const affectd_kernels *affectd_kernels_named(const char *name);
