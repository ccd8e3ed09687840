# Warnings for everybody, hardening for builds that run in earnest.

include(CheckCCompilerFlag)
include(CheckPIESupported)

# Position-independent code everywhere: executables are PIE, and the client
# library's objects can go into a shared library.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
check_pie_supported(LANGUAGES C)

add_library(ninety_flags INTERFACE)
target_compile_definitions(ninety_flags INTERFACE
	_GNU_SOURCE NINETY_VERSION="${PROJECT_VERSION}")
target_include_directories(ninety_flags INTERFACE ${CMAKE_SOURCE_DIR}/include)
target_compile_options(ninety_flags INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes
	-Wmissing-prototypes -Wswitch-enum -Wvla -Wundef -Wcast-qual
	-Wformat=2 -fno-common)
# Assertions stay: a fault stops the process rather than a promise.
target_compile_options(ninety_flags INTERFACE -UNDEBUG)
if(CMAKE_C_COMPILER_ID MATCHES "Clang")
	# A table of long texts is not a forgotten comma.
	target_compile_options(ninety_flags INTERFACE
		-Wno-string-concatenation)
endif()
if(NINETY_WERROR)
	target_compile_options(ninety_flags INTERFACE -Werror)
endif()

# Each flag where the compiler knows it: gcc 12 knows them all, clang 14 all
# but the last two. Names in the binary do not depend on where it was built.
set(hardening)
foreach(flag -fstack-protector-strong -fstack-clash-protection
	-fcf-protection -fno-semantic-interposition
	-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.
	-ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr)
	string(MAKE_C_IDENTIFIER "HAVE${flag}" have)
	set(CMAKE_REQUIRED_FLAGS -Werror)
	check_c_compiler_flag(${flag} ${have})
	unset(CMAKE_REQUIRED_FLAGS)
	if(${have})
		list(APPEND hardening ${flag})
	endif()
endforeach()

if(NINETY_SANITIZE)
	target_compile_options(ninety_flags INTERFACE
		-fsanitize=${NINETY_SANITIZE} -fno-omit-frame-pointer
		-fno-sanitize-recover=all)
	target_link_options(ninety_flags INTERFACE
		-fsanitize=${NINETY_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
	target_compile_options(ninety_flags INTERFACE
		${hardening} -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
	target_link_options(ninety_flags INTERFACE
		-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
		-Wl,-z,separate-code)
endif()
if(NINETY_COVERAGE)
	target_compile_options(ninety_flags INTERFACE --coverage)
	target_link_options(ninety_flags INTERFACE --coverage)
endif()
if(NINETY_FUZZ)
	if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
		message(FATAL_ERROR "NINETY_FUZZ needs clang: its libFuzzer")
	endif()
	target_compile_options(ninety_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
