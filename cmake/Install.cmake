# The install target: program, manual page, libraries, headers, models, CMake package and pkg-config
# file.
include(CMakePackageConfigHelpers)

install(TARGETS convoy_program)
install(TARGETS convoy EXPORT convoySharedTargets)
install(TARGETS convoy_static EXPORT convoyStaticTargets)
install(DIRECTORY include/convoy DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
install(DIRECTORY models DESTINATION ${CMAKE_INSTALL_DATADIR}/convoy
  FILES_MATCHING PATTERN *.json PATTERN *.safetensors)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_BINARY_DIR}/convoy.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES completions/convoy.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME convoy)
install(FILES completions/_convoy DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES completions/convoy.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/convoy)
install(EXPORT convoySharedTargets NAMESPACE convoy:: DESTINATION ${package_dir})
install(EXPORT convoyStaticTargets NAMESPACE convoy:: DESTINATION ${package_dir})
configure_package_config_file(cmake/convoyConfig.cmake.in convoyConfig.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(convoyConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/convoyConfig.cmake ${PROJECT_BINARY_DIR}/convoyConfigVersion.cmake
  DESTINATION ${package_dir})

# The way from the pkg-config file to the prefix, so that the installed tree can be moved.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
  BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE pkgconfig_to_prefix)
configure_file(cmake/convoy.pc.in convoy.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/convoy.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
