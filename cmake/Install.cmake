# The install target: program, manual page, libraries, headers, models, CMake package and pkg-config
# file.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/convoy)
if(TARGET convoy_program)
  install(TARGETS convoy_program)
endif()
if(TARGET convoy)
  install(TARGETS convoy EXPORT convoySharedTargets)
  install(EXPORT convoySharedTargets NAMESPACE convoy:: DESTINATION ${package_dir})
endif()
if(NOT BUILD_SHARED_LIBS)
  install(TARGETS convoy_static EXPORT convoyStaticTargets)
  install(EXPORT convoyStaticTargets NAMESPACE convoy:: DESTINATION ${package_dir})
endif()
install(DIRECTORY include/convoy DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
install(DIRECTORY models DESTINATION ${CMAKE_INSTALL_DATADIR}/convoy
  FILES_MATCHING PATTERN *.json PATTERN *.safetensors)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(CONVOY_MANUAL)
  install(FILES ${PROJECT_BINARY_DIR}/convoy.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
install(FILES completions/convoy.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME convoy)
# Debian's zsh does not look into /usr/share/zsh/site-functions.
set(zsh_folder site-functions)
if(CMAKE_INSTALL_PREFIX STREQUAL /usr AND EXISTS /etc/debian_version)
  set(zsh_folder vendor-completions)
endif()
install(FILES completions/_convoy DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/${zsh_folder})
install(FILES completions/convoy.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

configure_package_config_file(cmake/convoyConfig.cmake.in convoyConfig.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(convoyConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/convoyConfig.cmake ${PROJECT_BINARY_DIR}/convoyConfigVersion.cmake
  DESTINATION ${package_dir})

# The pkg-config file finds the prefix from its own place, so that the installed tree can be moved; not
# where folders are given as absolute paths.
set(pkgconfig_libdir \${prefix}/${CMAKE_INSTALL_LIBDIR})
set(pkgconfig_includedir \${prefix}/${CMAKE_INSTALL_INCLUDEDIR})
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}" OR IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(pkgconfig_prefix ${CMAKE_INSTALL_PREFIX})
  set(pkgconfig_libdir ${CMAKE_INSTALL_FULL_LIBDIR})
  set(pkgconfig_includedir ${CMAKE_INSTALL_FULL_INCLUDEDIR})
else()
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
    BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE pkgconfig_to_prefix)
  set(pkgconfig_prefix \${pcfiledir}/${pkgconfig_to_prefix})
endif()
# A static library that is the only one brings its own dependencies along.
set(pkgconfig_private .private)
if(NOT TARGET convoy)
  set(pkgconfig_private "")
endif()
configure_file(cmake/convoy.pc.in convoy.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/convoy.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
