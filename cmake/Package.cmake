# `cpack -G DEB`: one Debian package of all that is installed. Build with -DCMAKE_INSTALL_PREFIX=/usr, as
# scripts/package.sh does.
set(CPACK_PACKAGE_NAME convoy)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CONVOY_MAINTAINER "" CACHE STRING
  "Who answers for the package, NAME <ADDRESS>; empty: DEBFULLNAME and DEBEMAIL, git's user, or user@host")
set(maintainer "${CONVOY_MAINTAINER}")
if(maintainer STREQUAL "")
  # In the order in which Debian's own tools look.
  set(name "$ENV{DEBFULLNAME}")
  set(address "$ENV{DEBEMAIL}")
  find_program(git git)
  foreach(part IN ITEMS name address)
    if(${part} STREQUAL "" AND git)
      string(REPLACE address email key ${part})
      execute_process(COMMAND ${git} config user.${key} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
        OUTPUT_VARIABLE ${part} OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    endif()
  endforeach()
  cmake_host_system_information(RESULT host QUERY FQDN)
  execute_process(COMMAND id -un OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(name STREQUAL "")
    set(name "${user}")
  endif()
  if(address STREQUAL "")
    set(address "${user}@${host}")
  endif()
  set(maintainer "${name} <${address}>")
endif()
set(CPACK_PACKAGE_CONTACT "${maintainer}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "trains small convolutional networks on CPUs")
set(CPACK_PACKAGE_DESCRIPTION
"convoy trains, evaluates and applies convolutional networks for small
images on CPUs, with the layers, optimizers and learning-rate schedules of
Keras. The same seed gives the same weights, to the bit, on any number of
threads. It compares optimizers statistically and measures how training
scales with threads. This package holds the program, the C library and what
is needed to develop with it.")
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB)
set(CPACK_SET_DESTDIR OFF)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox, liblept5")
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/CompressManual.cmake)
# OpenBLAS is loaded on request; the others are for programs that link with the static library.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS
  "libopenblas0-openmp, libhwloc-dev, libjansson-dev, libssl-dev, libudev-dev, zlib1g-dev")
include(CPack)

# What Debian expects of a package's documents.
find_program(CONVOY_GZIP gzip)
if(CONVOY_GZIP)
  set(documents ${PROJECT_BINARY_DIR}/debian)
  file(READ LICENSE licence)
  string(REGEX REPLACE "\n+$" "" licence "${licence}")
  string(REPLACE "\n\n" "\n.\n" licence "${licence}")
  string(REPLACE "\n" "\n " licence "${licence}")
  file(WRITE ${documents}/copyright
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
    "Upstream-Name: convoy\n\nFiles: *\nCopyright: 2026 The convoy authors\nLicense: Expat\n ${licence}\n")
  install(FILES ${documents}/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
  # The day of the commit, so that a package has the same bytes whenever it is built.
  set(epoch "$ENV{SOURCE_DATE_EPOCH}")
  set(day "${epoch}")
  if(day STREQUAL "" AND git)
    execute_process(COMMAND ${git} log -1 --format=%ct WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
      OUTPUT_VARIABLE day OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  if(day STREQUAL "")
    set(day 0)
  endif()
  set(ENV{SOURCE_DATE_EPOCH} ${day})
  string(TIMESTAMP day "%a, %d %b %Y %H:%M:%S +0000" UTC)
  set(ENV{SOURCE_DATE_EPOCH} ${epoch})
  file(WRITE ${documents}/changelog
    "${PROJECT_NAME} (${PROJECT_VERSION}) unstable; urgency=medium\n\n"
    "  * Release ${PROJECT_VERSION}; CHANGELOG.md.gz has the changes.\n\n -- ${maintainer}  ${day}\n")
  foreach(document IN ITEMS ${documents}/changelog ${PROJECT_SOURCE_DIR}/CHANGELOG.md)
    cmake_path(GET document FILENAME name)
    execute_process(COMMAND ${CONVOY_GZIP} -9nc ${document} OUTPUT_FILE ${documents}/${name}.gz)
    install(FILES ${documents}/${name}.gz DESTINATION ${CMAKE_INSTALL_DOCDIR})
  endforeach()
endif()
