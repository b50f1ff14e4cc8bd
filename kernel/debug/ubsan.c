/* SPDX-License-Identifier: MIT */
/*
 * What the undefined-behaviour sanitizer calls, in the build that has it: every finding is a panic
 * with its place. All descriptions begin with the place (GCC, ubsan.h of libsanitizer), which is
 * all that is used of them.
 */
#include "log.h"

struct place {
    const char *file;
    uint32_t line, column;
};

#define HANDLER(name, sentence)                                                                    \
    _Noreturn void __ubsan_handle_##name(const struct place *p);                                   \
    void __ubsan_handle_##name(const struct place *p) {                                            \
        panic("%s:%u:%u: undefined: %s", p->file, p->line, p->column, sentence);                   \
    }

HANDLER(add_overflow, "signed addition overflows")
HANDLER(sub_overflow, "signed subtraction overflows")
HANDLER(mul_overflow, "signed multiplication overflows")
HANDLER(negate_overflow, "signed negation overflows")
HANDLER(divrem_overflow, "division by zero or overflow")
HANDLER(shift_out_of_bounds, "shift by too much, or of a negative number")
HANDLER(out_of_bounds, "index outside its array")
HANDLER(pointer_overflow, "pointer arithmetic overflows")
HANDLER(load_invalid_value, "a value that its type does not have")
HANDLER(vla_bound_not_positive, "array of no size")
HANDLER(builtin_unreachable, "unreachable code was reached")
HANDLER(missing_return, "a function ended without its value")
HANDLER(nonnull_arg, "NULL for an argument that must not be")
HANDLER(type_mismatch_v1, "a pointer that cannot be used so")
HANDLER(invalid_builtin, "an argument that a builtin does not take")
