#pragma once
#include <stdint.h>

/* How often this process has asked for memory. */
uint64_t hydrogen_allocation_count(void);
