# The warnings that convoy is clean of, with gcc and with clang. The presets gcc and clang make errors
# of them; dev does not, since sanitizers make gcc warn of what cannot happen.
function(convoy_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla)
  if(NOT convoy_IS_TOP_LEVEL) # the project around may ask for others, as errors
    target_compile_options(${target} PRIVATE -Wno-error)
  endif()
endfunction()
