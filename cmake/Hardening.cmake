# What makes memory errors harder to exploit and costs nothing measurable: checked calls of the C library,
# stack guards (kernels have none, src/CMakeLists.txt), relocations that cannot be overwritten.
if(CONVOY_SANITIZE)
  return()
endif()
add_compile_options(-fstack-protector-strong)
if(CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$" AND
   NOT CMAKE_C_FLAGS MATCHES "_FORTIFY_SOURCE")
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
if(NOT APPLE)
  add_link_options(LINKER:-z,relro LINKER:-z,now)
endif()
