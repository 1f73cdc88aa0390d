// Compares every kernel that this processor runs with plain loops, over random shapes. kernels.sh runs it here and, as a
// 64-bit ARM, under qemu: there is no Swift to run the tests of the package there.
//
// Prints "ok NAME" for each instruction set, or what differs, and exits with 1.

#include "CKernels.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;

static int integer(int low, int high) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return low + (int)((state >> 33) % (uint64_t)(high - low + 1));
}

static float number(void) { return (float)integer(-1000000, 1000000) * 1e-6f; }

// So many random numbers, at the end of which something else may lie: `guard` more that nobody may write.
static float *numbers(ptrdiff_t count) {
  float *values = malloc(((size_t)count + 1) * sizeof(float));
  if (values == NULL) abort();
  for (ptrdiff_t index = 0; index <= count; index++) values[index] = number();
  return values;
}

static float *zeros(ptrdiff_t count) {
  float *values = calloc((size_t)count + 1, sizeof(float));
  if (values == NULL) abort();
  return values;
}

static const char *name;
static int failures;

static void expect(const char *what, double actual, double wanted, double tolerance) {
  if (fabs(actual - wanted) <= tolerance * fmax(1, fabs(wanted))) return;
  if (failures++ < 10) printf("FAILED %s, %s: %.9g and not %.9g\n", name, what, actual, wanted);
}

static void check_multiply(const affectd_kernels *k) {
  int rows = integer(1, 40), depth = integer(1, 70), columns = integer(1, 80), width = k->panel_width;
  int stride = integer(1, depth + 5), panels = (columns + width - 1) / width;
  float *a = numbers((rows - 1) * stride + depth), *b = numbers(depth * columns);
  float *packed = zeros(panels * width * depth + 64), *c = numbers(rows * columns);
  for (int row = 0; row < depth; row++) {
    for (int column = 0; column < columns; column++) {
      packed[(column / width * depth + row) * width + column % width] = b[row * columns + column];
    }
  }
  float guard = c[rows * columns];
  for (int pass = 0; pass < 2; pass++) {
    k->multiply(a, stride, packed, depth * width, c, columns, rows, columns, depth, pass);
  }
  for (int row = 0; row < rows; row++) {
    for (int column = 0; column < columns; column++) {
      double sum = 0;
      for (int i = 0; i < depth; i++) sum += (double)a[row * stride + i] * b[i * columns + column];
      expect("multiply", c[row * columns + column], 2 * sum, 2e-5);
    }
  }
  expect("multiply, beyond the end", c[rows * columns], guard, 0);
  free(a), free(b), free(packed), free(c);
}

static void check_multiply_and_maximum(const affectd_kernels *k) {
  int rows = integer(1, 60), depth = integer(1, 40), width = k->panel_width, panels = integer(1, 4);
  int columns = panels * width, stride = depth + integer(0, 5);
  float *a = numbers(rows * stride), *b = numbers(panels * depth * width + 64), *c = numbers(rows * columns);
  float *maxima = numbers(rows), guard = maxima[rows];
  for (int pass = 0; pass < 2; pass++) {
    k->multiply_and_maximum(a, stride, b, depth * width, c, columns, rows, columns, depth, pass, maxima);
    for (int row = 0; row < rows; row++) {
      float largest = c[row * columns];
      for (int column = 0; column < columns; column++) {
        double sum = 0;
        for (int i = 0; i < depth; i++) {
          sum += (double)a[row * stride + i] * b[(column / width * depth + i) * width + column % width];
        }
        expect("multiply_and_maximum", c[row * columns + column], (pass + 1) * sum, 2e-5);
        largest = fmaxf(largest, c[row * columns + column]);
      }
      expect("multiply_and_maximum, maximum", maxima[row], largest, 0);
    }
  }
  expect("multiply_and_maximum, beyond the end", maxima[rows], guard, 0);
  free(a), free(b), free(c), free(maxima);
}

static void check_rows(const affectd_kernels *k) {
  int rows = integer(1, 30), columns = integer(1, 90), stride = columns + integer(0, 3);
  float *values = numbers(rows * stride), *maxima = numbers(columns), *sums = numbers(columns);
  float *output = numbers(rows * columns), *bias = numbers(columns), *scale = numbers(columns), *offset = numbers(columns);
  k->maximum_and_sum(values, stride, rows, columns, maxima, sums);
  for (int column = 0; column < columns; column++) {
    float largest = values[column];
    double sum = 0;
    for (int row = 0; row < rows; row++) {
      float value = values[row * stride + column];
      largest = value > largest ? value : largest;
      sum += value;
    }
    expect("maximum", maxima[column], largest, 0);
    expect("sum", sums[column], sum, 1e-5);
  }
  k->rectify_and_scale(values, stride, rows, columns, bias, scale, offset, output);
  for (int row = 0; row < rows; row++) {
    for (int column = 0; column < columns; column++) {
      double value = fmax(0, values[row * stride + column] + bias[column]) * scale[column] + offset[column];
      expect("rectify_and_scale", output[row * columns + column], value, 1e-6);
    }
  }
  free(values), free(maxima), free(sums), free(output), free(bias), free(scale), free(offset);
}

static void check_toom_cook(const affectd_kernels *k) {
  // The outputs are the coefficients of a polynomial of which the planes are values, at infinity the highest.
  const double times[] = {0, 1, -1, 2, -2, 0.5, -0.5, 1.5, -1.5}, bands[] = {0, 1, -1, 2};
  int positions = integer(1, 70), depth = integer(1, 30), width = k->panel_width, rows = (positions + 2) / 3;
  int stride = rows + depth - 1 + integer(0, 3), panel = depth * width;
  float *inputs = numbers(50 * stride), *weights = numbers(50 * panel + panel);
  float *workspace = zeros(50 * (rows * width + 16)), *maxima = numbers(4 * width), guard = maxima[4 * width];
  k->toom_cook_maximum(inputs, stride, weights, positions, depth, workspace, maxima, width);
  for (int output = 0; output < 4; output++) {
    for (int column = 0; column < width; column++) {
      double largest = -INFINITY;
      for (int position = 0; position < positions; position++) {
        double value = 0;
        for (int plane = 0; plane < 50; plane++) {
          int time = plane / 5, band = plane % 5, row = position / 3;
          double sum = 0;
          for (int i = 0; i < depth; i++) {
            sum += (double)inputs[plane * stride + row + i] * weights[plane * panel + i * width + column];
          }
          double share = time < 9 ? pow(times[time], output) : output == 3;
          value += share * (band < 4 ? pow(bands[band], position % 3) : position % 3 == 2) * sum;
        }
        largest = fmax(largest, value);
      }
      expect("toom_cook_maximum", maxima[output * width + column], largest, 1e-4);
    }
  }
  expect("toom_cook_maximum, beyond the end", maxima[4 * width], guard, 0);
  free(inputs), free(weights), free(workspace), free(maxima);
}

// A 3 x 3 convolution with a zero pixel around, at one place.
static double convolved(const float *image, int height, int width, int inputs, const float *weights, int outputs, int y,
                        int x, int output) {
  double sum = 0;
  for (int tap = 0; tap < 9; tap++) {
    int row = y + tap / 3 - 1, column = x + tap % 3 - 1;
    if (row < 0 || row >= height || column < 0 || column >= width) continue;
    for (int input = 0; input < inputs; input++) {
      sum += (double)image[(row * width + column) * inputs + input] * weights[(tap * inputs + input) * outputs + output];
    }
  }
  return sum;
}

static void check_one_channel(const affectd_kernels *k) {
  int height = integer(1, 12), width = integer(1, 20), channels = integer(1, 40), rectify = integer(0, 1);
  float *image = numbers(height * width), *weights = numbers(9 * channels), *bias = numbers(channels);
  float *output = numbers(height * width * channels);
  k->convolve_one_channel(image, height, width, weights, bias, channels, rectify, 0, height, output);
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      for (int channel = 0; channel < channels; channel++) {
        double value = bias[channel] + convolved(image, height, width, 1, weights, channels, y, x, channel);
        if (rectify) value = fmax(0, value);
        expect("convolve_one_channel", output[(y * width + x) * channels + channel], value, 1e-5);
      }
    }
  }
  free(image), free(weights), free(bias), free(output);
}

// The filter's transform G w G^T for F(m x m, 3 x 3), from the points 0, 1, -1, 2, -2 (, 1/2, -1/2) and infinity.
static const double filter4[6][3] = {{1.0 / 4, 0, 0},           {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                                     {-1.0 / 6, 1.0 / 6, -1.0 / 6}, {1.0 / 24, 1.0 / 12, 1.0 / 6},
                                     {1.0 / 24, -1.0 / 12, 1.0 / 6}, {0, 0, 1}};
static const double filter6[8][3] = {{1, 0, 0},
                                     {-2.0 / 9, -2.0 / 9, -2.0 / 9},
                                     {-2.0 / 9, 2.0 / 9, -2.0 / 9},
                                     {1.0 / 90, 1.0 / 45, 2.0 / 45},
                                     {1.0 / 90, -1.0 / 45, 2.0 / 45},
                                     {1.0 / 45, 1.0 / 90, 1.0 / 180},
                                     {1.0 / 45, -1.0 / 90, 1.0 / 180},
                                     {0, 0, 1}};

static void check_winograd(const affectd_kernels *k, int m) {
  int height = integer(2, 14), width = integer(2, 14), inputs = integer(1, 20), outputs = integer(1, 40);
  int rectify = integer(0, 1), pool = integer(0, 1), size = m + 2;
  int across = (width + m - 1) / m, tiles = across * ((height + m - 1) / m);
  float *image = numbers(height * width * inputs), *weights = numbers(9 * inputs * outputs), *bias = numbers(outputs);
  float *planes = numbers(size * size * tiles * inputs), *products = numbers(size * size * tiles * outputs);
  affectd_tiles t = {height, width, across, 0, tiles};
  (m == 4 ? k->winograd4_input : k->winograd6_input)(t, image, inputs, planes, tiles * inputs);
  for (int plane = 0; plane < size * size; plane++) {
    const double *rows = m == 4 ? filter4[plane / size] : filter6[plane / size];
    const double *columns = m == 4 ? filter4[plane % size] : filter6[plane % size];
    for (int tile = 0; tile < tiles; tile++) {
      for (int output = 0; output < outputs; output++) {
        double sum = 0;
        for (int input = 0; input < inputs; input++) {
          double weight = 0;
          for (int tap = 0; tap < 9; tap++) {
            weight += rows[tap / 3] * columns[tap % 3] * weights[(tap * inputs + input) * outputs + output];
          }
          sum += weight * planes[(plane * tiles + tile) * inputs + input];
        }
        products[(plane * tiles + tile) * outputs + output] = (float)sum;
      }
    }
  }
  int step = pool ? 2 : 1, high = height / step, wide = width / step;
  float *output = numbers(high * wide * outputs);
  (m == 4 ? k->winograd4_output : k->winograd6_output)(t, products, tiles * outputs, outputs, bias, rectify, pool, output,
                                                       outputs, 0);
  for (int y = 0; y < high; y++) {
    for (int x = 0; x < wide; x++) {
      for (int channel = 0; channel < outputs; channel++) {
        double value = -INFINITY;
        for (int i = 0; i < step * step; i++) {
          int row = y * step + i / step, column = x * step + i % step;
          value = fmax(value, convolved(image, height, width, inputs, weights, outputs, row, column, channel));
        }
        value += bias[channel];
        if (rectify) value = fmax(0, value);
        expect(m == 4 ? "winograd4" : "winograd6", output[(y * wide + x) * outputs + channel], value, 2e-4);
      }
    }
  }
  free(image), free(weights), free(bias), free(planes), free(products), free(output);
}

static void check_spectra(const affectd_kernels *k) {
  int length = 1 << integer(2, 7), half = length / 2, lanes = k->lanes, step = integer(1, length);
  float *audio = numbers((lanes - 1) * step + length), *window = numbers(length), *turns = zeros(length);
  float *workspace = zeros(length * lanes), *power = numbers((half + 1) * lanes);
  int *order = malloc((size_t)half * sizeof(int));
  if (order == NULL) abort();
  for (int i = 0, reversed; i < half; i++) {
    turns[i] = (float)cos(2 * M_PI * i / length);
    turns[half + i] = (float)-sin(2 * M_PI * i / length);
    reversed = 0;
    for (int bit = 1, other = half / 2; bit < half; bit *= 2, other /= 2) reversed |= i & bit ? other : 0;
    order[i] = reversed;
  }
  k->power_spectra(audio, step, window, length, turns, order, workspace, power);
  for (int lane = 0; lane < lanes; lane++) {
    for (int bin = 0; bin <= half; bin++) {
      double real = 0, imaginary = 0;
      for (int n = 0; n < length; n++) {
        double value = (double)audio[lane * step + n] * window[n];
        real += value * cos(2 * M_PI * bin * n / length);
        imaginary -= value * sin(2 * M_PI * bin * n / length);
      }
      expect("power_spectra", power[bin * lanes + lane], real * real + imaginary * imaginary, 1e-4);
    }
  }
  free(audio), free(window), free(turns), free(workspace), free(power), free(order);
}

static void check_vectors(const affectd_kernels *k) {
  int count = integer(1, 50), lanes = k->lanes, columns = integer(1, 100), stride = columns + integer(0, 3);
  int outputs = integer(1, 10), weight_stride = count + integer(0, 2);
  float *rows = numbers(count * (stride + lanes)), *weights = numbers(outputs * weight_stride);
  float *sums = numbers(outputs * columns), *roots = numbers(count * lanes), guard = sums[outputs * columns];
  k->combine_rows(rows, stride, count, columns, weights, weight_stride, outputs, sums, columns);
  for (int output = 0; output < outputs; output++) {
    for (int column = 0; column < columns; column++) {
      double sum = 0;
      for (int row = 0; row < count; row++) {
        sum += (double)weights[output * weight_stride + row] * rows[row * stride + column];
      }
      expect("combine_rows", sums[output * columns + column], sum, 1e-5);
    }
  }
  expect("combine_rows, beyond the end", sums[outputs * columns], guard, 0);
  for (int index = 0; index < count * lanes; index++) roots[index] = rows[index] * rows[index];
  double product = 0;
  for (int i = 0; i < count; i++) product += (double)rows[i] * weights[i];
  expect("dot_product", k->dot_product(rows, weights, count), product, 1e-5);
  k->square_roots(roots, count);
  for (int index = 0; index < count * lanes; index++) expect("square_roots", roots[index], fabsf(rows[index]), 1e-6);
  free(rows), free(weights), free(sums), free(roots);
}

int main(void) {
  const char *names[] = {"portable", "avx2", "avx512"};
  for (int index = 0; index < 3; index++) {
    const affectd_kernels *k = affectd_kernels_named(names[index]);
    if (k == NULL) continue;
    name = names[index];
    int before = failures;
    for (int round = 0; round < 60; round++) {
      check_multiply(k);
      check_rows(k);
      check_multiply_and_maximum(k);
      check_toom_cook(k);
      check_one_channel(k);
      check_winograd(k, 4);
      check_winograd(k, 6);
      check_spectra(k);
      check_vectors(k);
    }
    if (failures == before) printf("ok %s, tiles of %d rows\n", name, k->tile_rows);
  }
  return failures != 0;
}
