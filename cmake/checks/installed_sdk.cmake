# Installs a finished build into a fresh prefix, builds the sample of a vendor against it and nothing
# else, runs it in process and as an adapter, and makes the Debian package.
# Usage: cmake -DBUILD=<build directory> -DCOMPILER=<compiler> -P installed_sdk.cmake
set(work "${BUILD}/installed_sdk")
set(prefix "${work}/prefix")
file(REMOVE_RECURSE "${work}")

function(run name)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${work}" OUTPUT_VARIABLE output ERROR_VARIABLE output
                  RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${name}: expected success, found ${result}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect what text pattern)
  if(NOT text MATCHES "${pattern}")
    message(FATAL_ERROR "${what}: expected ${pattern}, found:\n${text}")
  endif()
endfunction()

file(MAKE_DIRECTORY "${work}")
run("install" "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${prefix}")
# Nothing that is installed may lead back to the source or the build.
file(GLOB_RECURSE scripts "${prefix}/*.cmake")
foreach(script IN LISTS scripts)
  file(STRINGS "${script}" found REGEX "${BUILD}/[^i]" LIMIT_COUNT 1)
  if(found)
    message(FATAL_ERROR "${script}: expected no path of the build, found ${found}")
  endif()
endforeach()

run("configure the sample" "${CMAKE_COMMAND}" -S "${prefix}/share/lockstep/sample" -B "${work}/sample" -G Ninja
    "-DCMAKE_PREFIX_PATH=${prefix}" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror")
run("build the sample" "${CMAKE_COMMAND}" --build "${work}/sample")
run("the sample in process" "${work}/sample/tiny_conform" CER-21 CER-34 ATT-01)
expect("the sample in process" "${output}" "[1-9][0-9]* passed, [1-9][0-9]* skipped, 0 bad")
run("the sample's adapter" "${prefix}/bin/lockstep" adapter check "${work}/sample/tiny_adapter")
expect("the sample's adapter" "${output}" "21 rules kept, 0 broken")
run("the sample behind the adapter" "${prefix}/bin/lockstep" conform CER-21 --quiet
    --provider "exec:${work}/sample/tiny_adapter" --allow-data-loss --target * --out "${work}/out")

run("package" cpack --config "${BUILD}/CPackConfig.cmake" -B "${work}/package")
file(GLOB package "${work}/package/*.deb")
run("the package's files" dpkg-deb --contents "${package}")
foreach(file bin/lockstep include/lockstep/model/port/provider.hpp share/lockstep/sample/CMakeLists.txt
        "lib/[^\n]*cmake/lockstep/lockstep-config.cmake" "lib/[^\n]*lockstep/liblockstep_core.a"
        "lib/[^\n]*liblockstep-bypass.so" share/doc/lockstep/bypass.md share/doc/lockstep/sdk.md)
  expect("the package's files" "${output}" "\\./usr/${file}\n")
endforeach()
run("the package's dependencies" dpkg-deb --field "${package}" Depends)
foreach(dependency libc6 libstdc\\+\\+6 libiscsi7 libfmt9 liblmdb0)
  expect("the package's dependencies" "${output}" "${dependency} ")
endforeach()
file(REMOVE_RECURSE "${work}")
