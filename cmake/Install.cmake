# What 'cmake --install' puts where. Programs and pages are added as their
# targets and files exist.

foreach(program ninety ninety-audit ninety-bench)
	if(TARGET ${program})
		install(TARGETS ${program}
			DESTINATION ${CMAKE_INSTALL_BINDIR})
	endif()
endforeach()
if(TARGET ninetyd)
	install(TARGETS ninetyd DESTINATION ${CMAKE_INSTALL_SBINDIR})
endif()
# Started by ninetyd alone, so no program for people.
if(TARGET ninety-front)
	install(TARGETS ninety-front
		DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/ninety)
endif()

if(EXISTS ${CMAKE_SOURCE_DIR}/policies)
	install(DIRECTORY ${CMAKE_SOURCE_DIR}/policies
		DESTINATION ${CMAKE_INSTALL_DATADIR}/ninety)
endif()
file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/man/*.[1578])
foreach(page ${pages})
	string(REGEX REPLACE ".*\\.([1578])$" "\\1" section ${page})
	install(FILES ${page}
		DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

# The client library: one shared object that shows the names of
# <ninety/client.h> and no other.
if(TARGET ninety_client)
	add_library(ninety_shared SHARED $<TARGET_OBJECTS:ninety_client>)
	target_link_libraries(ninety_shared PRIVATE ninety_client)
	set_target_properties(ninety_shared PROPERTIES
		OUTPUT_NAME ninety VERSION ${PROJECT_VERSION}
		SOVERSION ${PROJECT_VERSION_MAJOR} LINKER_LANGUAGE C)
	target_link_options(ninety_shared PRIVATE
		-Wl,--version-script=${CMAKE_SOURCE_DIR}/cmake/ninety.map)
	set_target_properties(ninety_shared PROPERTIES
		LINK_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/ninety.map)
	install(TARGETS ninety_shared DESTINATION ${CMAKE_INSTALL_LIBDIR})
	install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/ninety
		DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
		FILES_MATCHING PATTERN "*.h")
	file(RELATIVE_PATH NINETY_PC_INCLUDEDIR
		${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
		${CMAKE_INSTALL_FULL_INCLUDEDIR})
	configure_file(${CMAKE_SOURCE_DIR}/cmake/ninety.pc.in
		${CMAKE_BINARY_DIR}/ninety.pc @ONLY)
	install(FILES ${CMAKE_BINARY_DIR}/ninety.pc
		DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()

# systemd: the unit, its user, its directories.
configure_file(${CMAKE_SOURCE_DIR}/packaging/ninetyd.service.in
	${CMAKE_BINARY_DIR}/ninetyd.service @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/ninetyd.service
	DESTINATION lib/systemd/system)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/ninety.sysusers
	DESTINATION lib/sysusers.d RENAME ninety.conf)
install(FILES ${CMAKE_SOURCE_DIR}/packaging/ninety.tmpfiles
	DESTINATION lib/tmpfiles.d RENAME ninety.conf)
