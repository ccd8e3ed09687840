# Every library that is not ours, found once, named ninety::dep::<name>.
# tools/dependencies lists the Debian packages that bring them.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

foreach(pair
	"sodium;libsodium>=1.0.18" "zmq;libzmq>=4.3.4" "jansson;jansson>=2.14"
	"yaml;yaml-0.1>=0.2.5" "cyaml;libcyaml>=1.3.1" "smartcols;smartcols" "ical;libical"
	"xslt;libxslt" "xml;libxml-2.0" "zip;libzip" "lmdb;lmdb"
	"seccomp;libseccomp")
	list(GET pair 0 name)
	list(GET pair 1 spec)
	pkg_check_modules(DEP_${name} REQUIRED IMPORTED_TARGET ${spec})
	add_library(ninety::dep::${name} ALIAS PkgConfig::DEP_${name})
endforeach()

# libcsv ships no pkg-config file.
find_library(LIBCSV_LIBRARY csv REQUIRED)
find_path(LIBCSV_INCLUDE csv.h REQUIRED)
add_library(libcsv INTERFACE)
target_link_libraries(libcsv INTERFACE ${LIBCSV_LIBRARY})
target_include_directories(libcsv SYSTEM INTERFACE ${LIBCSV_INCLUDE})
add_library(ninety::dep::csv ALIAS libcsv)

if(NINETY_TESTS)
	pkg_check_modules(DEP_cmocka REQUIRED IMPORTED_TARGET cmocka)
	add_library(ninety::dep::cmocka ALIAS PkgConfig::DEP_cmocka)
endif()
