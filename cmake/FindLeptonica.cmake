# Leptonica's headers, and the name under which its shared library is loaded at run time; nothing is
# linked with it. Sets CONVOY_LEPTONICA_INCLUDE_DIR and CONVOY_LEPTONICA_FILE.
find_path(CONVOY_LEPTONICA_INCLUDE_DIR leptonica/allheaders.h)
find_library(CONVOY_LEPTONICA_LIBRARY NAMES lept leptonica)
if(CONVOY_LEPTONICA_LIBRARY AND NOT CONVOY_LEPTONICA_FILE)
  file(REAL_PATH ${CONVOY_LEPTONICA_LIBRARY} real)
  cmake_path(GET real FILENAME file)
  # liblept.so.5.0.4 is asked for as liblept.so.5, which is its SONAME
  string(REGEX REPLACE "^(.*[.]so[.][0-9]+)[.].*$" "\\1" file "${file}")
  set(CONVOY_LEPTONICA_FILE ${file} CACHE STRING "Leptonica's shared library, as loaded at run time")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Leptonica
  REQUIRED_VARS CONVOY_LEPTONICA_FILE CONVOY_LEPTONICA_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install libleptonica-dev")
mark_as_advanced(CONVOY_LEPTONICA_INCLUDE_DIR CONVOY_LEPTONICA_LIBRARY CONVOY_LEPTONICA_FILE)
