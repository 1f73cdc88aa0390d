#pragma once

#include <stdbool.h>

/// Whether standard input was closed when the program was started.
bool affect_standard_input_was_closed(void);
