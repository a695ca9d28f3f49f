# Finds OpenBLAS. The static OpenMP build, as Debian's libopenblas-openmp-dev has it, comes first: no
# setting of the machine on which the program runs can put another build in its place. (Debian's
# serial build is of no use: it takes no locks, and workers that call it at the same time get wrong
# products.) Any shared build is the second choice.
#
# Input    CONVOY_OPENBLAS        auto, static, shared or off
# Output   OpenBLAS_FOUND, OpenBLAS_KIND (static or shared),
#          OpenBLAS_LIBRARY, OpenBLAS_INCLUDE_DIR

set(OpenBLAS_FOUND FALSE)
if(NOT CONVOY_OPENBLAS MATCHES "^(auto|static|shared|off)$")
  message(FATAL_ERROR
    "CONVOY_OPENBLAS: found ${CONVOY_OPENBLAS}, expected auto, static, shared or off")
endif()

if(CONVOY_OPENBLAS MATCHES "^(auto|static)$")
  find_library(CONVOY_OPENBLAS_STATIC_LIBRARY libopenblas.a
    PATHS /usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-openmp NO_DEFAULT_PATH)
  find_path(CONVOY_OPENBLAS_STATIC_INCLUDE_DIR cblas.h
    PATHS /usr/include/${CMAKE_LIBRARY_ARCHITECTURE}/openblas-openmp NO_DEFAULT_PATH)
  mark_as_advanced(CONVOY_OPENBLAS_STATIC_LIBRARY CONVOY_OPENBLAS_STATIC_INCLUDE_DIR)
  if(CONVOY_OPENBLAS_STATIC_LIBRARY AND CONVOY_OPENBLAS_STATIC_INCLUDE_DIR)
    set(OpenBLAS_FOUND TRUE)
    set(OpenBLAS_KIND static)
    set(OpenBLAS_LIBRARY ${CONVOY_OPENBLAS_STATIC_LIBRARY})
    set(OpenBLAS_INCLUDE_DIR ${CONVOY_OPENBLAS_STATIC_INCLUDE_DIR})
  endif()
endif()

if(NOT OpenBLAS_FOUND AND CONVOY_OPENBLAS MATCHES "^(auto|shared)$")
  find_library(CONVOY_OPENBLAS_SHARED_LIBRARY libopenblas${CMAKE_SHARED_LIBRARY_SUFFIX})
  find_path(CONVOY_OPENBLAS_SHARED_INCLUDE_DIR cblas.h PATH_SUFFIXES openblas)
  mark_as_advanced(CONVOY_OPENBLAS_SHARED_LIBRARY CONVOY_OPENBLAS_SHARED_INCLUDE_DIR)
  if(CONVOY_OPENBLAS_SHARED_LIBRARY AND CONVOY_OPENBLAS_SHARED_INCLUDE_DIR)
    set(OpenBLAS_FOUND TRUE)
    set(OpenBLAS_KIND shared)
    set(OpenBLAS_LIBRARY ${CONVOY_OPENBLAS_SHARED_LIBRARY})
    set(OpenBLAS_INCLUDE_DIR ${CONVOY_OPENBLAS_SHARED_INCLUDE_DIR})
  endif()
endif()

if(OpenBLAS_FOUND)
  message(STATUS "OpenBLAS: ${OpenBLAS_KIND}, ${OpenBLAS_LIBRARY}")
elseif(CONVOY_OPENBLAS MATCHES "^(static|shared)$")
  message(FATAL_ERROR "OpenBLAS: no ${CONVOY_OPENBLAS} build found; Debian has it in "
    "libopenblas-openmp-dev, and -DCONVOY_OPENBLAS=off does without")
elseif(CONVOY_OPENBLAS STREQUAL "auto")
  message(WARNING "OpenBLAS: not found, so convoy will be several times slower; Debian has it in "
    "libopenblas-openmp-dev, and -DCONVOY_OPENBLAS=off does without this warning")
endif()
