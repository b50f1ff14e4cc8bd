# SPDX-License-Identifier: MIT
#
# Settings of a build. Each can also come from the environment or the command line of make.

# Processor: a directory of kernel/arch/ with a kernel in it.
ARCH ?= x86_64

# Prefix of the compiler and its tools, for building on another kind of processor.
CROSS ?=

# The kernel's command line in the bootable image, for example `log=debug`.
KERNEL_OPTIONS ?=

# What kind of image is built: a directory of images/, whose tree goes into the system beside core/. A development
# image has a user whose password everybody knows, and says so; a release image has none.
IMAGE ?= development
