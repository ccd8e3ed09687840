# One library per folder of src/. A folder's headers are included as
# "<folder>/<file>.h" and are found only by targets that link the folder's
# library: each gets an include root of its own that holds one link. So
# target_link_libraries is the layer rule, and the compiler enforces it.

function(ninety_layer folder)
	cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
	set(root ${CMAKE_BINARY_DIR}/layers/${folder})
	file(MAKE_DIRECTORY ${root})
	file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${folder} ${root}/${folder}
		SYMBOLIC)
	add_library(ninety_${folder} STATIC ${ARG_SOURCES})
	target_include_directories(ninety_${folder} PUBLIC ${root})
	target_link_libraries(ninety_${folder}
		PUBLIC ninety_flags ${ARG_LINKS}
		PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()
