# convoy_host_program(COMMAND TARGET): COMMAND becomes the path of a convoy for the machine that builds,
# TARGET what builds it. Used when convoy itself is built for another machine and no emulator is there to
# run it. CONVOY_HOST_CC names this machine's compiler; convoy's libraries have to be installed for it.
function(convoy_host_program command target)
  find_program(CONVOY_HOST_CC NAMES cc gcc clang
    DOC "The C compiler of this machine, to make the manual page with"
    NO_CMAKE_FIND_ROOT_PATH)
  set(folder ${PROJECT_BINARY_DIR}/host)
  # Without what the environment says about the other machine.
  set(clean ${CMAKE_COMMAND} -E env --unset=CC --unset=CFLAGS --unset=LDFLAGS --unset=PKG_CONFIG
    --unset=PKG_CONFIG_PATH --unset=PKG_CONFIG_LIBDIR --unset=PKG_CONFIG_SYSROOT_DIR)
  add_custom_target(convoy_host_program
    COMMAND ${clean} ${CMAKE_COMMAND} -S ${PROJECT_SOURCE_DIR} -B ${folder}
            -DCMAKE_C_COMPILER=${CONVOY_HOST_CC} -DCMAKE_BUILD_TYPE=MinSizeRel -DCONVOY_GENERIC=ON
            -DCONVOY_MANUAL=OFF -DBUILD_TESTING=OFF -DCONVOY_INSTALL=OFF -DBUILD_SHARED_LIBS=OFF
    COMMAND ${clean} ${CMAKE_COMMAND} --build ${folder} --target convoy_program --parallel
    BYPRODUCTS ${folder}/convoy
    COMMENT "Building a convoy for this machine, which prints the manual page"
    VERBATIM)
  set(${command} ${folder}/convoy PARENT_SCOPE)
  set(${target} convoy_host_program PARENT_SCOPE)
endfunction()
