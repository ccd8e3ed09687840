# Warnings for everybody, hardening for builds that run in earnest.

add_library(ninety_flags INTERFACE)
target_compile_definitions(ninety_flags INTERFACE
	_GNU_SOURCE NINETY_VERSION="${PROJECT_VERSION}")
target_include_directories(ninety_flags INTERFACE ${CMAKE_SOURCE_DIR}/include)
target_compile_options(ninety_flags INTERFACE
	-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes
	-Wmissing-prototypes -Wswitch-enum -Wvla -Wundef -Wcast-qual
	-Wformat=2 -fno-common)
if(NINETY_WERROR)
	target_compile_options(ninety_flags INTERFACE -Werror)
endif()

set(hardening -fstack-protector-strong -fstack-clash-protection -fPIE)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
	list(APPEND hardening -fcf-protection)
endif()
if(NINETY_SANITIZE)
	target_compile_options(ninety_flags INTERFACE
		-fsanitize=${NINETY_SANITIZE} -fno-omit-frame-pointer
		-fno-sanitize-recover=all)
	target_link_options(ninety_flags INTERFACE
		-fsanitize=${NINETY_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
	target_compile_options(ninety_flags INTERFACE
		${hardening} -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
	target_link_options(ninety_flags INTERFACE
		-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()
if(NINETY_FUZZ)
	target_compile_options(ninety_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
