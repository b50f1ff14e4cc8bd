#pragma once
#include "types.h"
struct arch_cpu { void *self; };
