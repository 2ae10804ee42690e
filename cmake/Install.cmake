# What `cmake --install` and the Debian package hold: the program, and what the author of a provider
# builds against (docs/sdk.md). Included last, when every target is known.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The project's own libraries that `roots` stand on, without repetition.
function(lockstep_libraries_of out)
  set(found "")
  set(pending ${ARGN})
  while(pending)
    list(POP_FRONT pending name)
    string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" name "${name}")
    if(NOT TARGET "${name}")
      continue()
    endif()
    get_target_property(aliased ${name} ALIASED_TARGET)
    if(aliased)
      set(name ${aliased})
    endif()
    if(NOT name MATCHES "^lockstep_" OR name IN_LIST found)
      continue()
    endif()
    list(APPEND found ${name})
    foreach(property INTERFACE_LINK_LIBRARIES LINK_LIBRARIES)
      get_target_property(needed ${name} ${property})
      if(needed)
        list(APPEND pending ${needed})
      endif()
    endforeach()
  endwhile()
  set(${out} ${found} PARENT_SCOPE)
endfunction()

# To judge a Provider in one's own process, and to serve one as an adapter.
set(sdk_roots lockstep::conformance lockstep::adapter_host lockstep::record)
lockstep_libraries_of(sdk_libraries ${sdk_roots})
add_library(lockstep_sdk INTERFACE)
target_link_libraries(lockstep_sdk INTERFACE ${sdk_roots})
set_target_properties(lockstep_sdk PROPERTIES EXPORT_NAME sdk)

set(cmake_folder "${CMAKE_INSTALL_LIBDIR}/cmake/lockstep")
install(TARGETS lockstep RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(TARGETS lockstep_bypass LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(TARGETS lockstep_sdk ${sdk_libraries} EXPORT lockstep
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}/lockstep")
install(EXPORT lockstep NAMESPACE lockstep:: FILE lockstep-targets.cmake DESTINATION "${cmake_folder}")
configure_package_config_file(cmake/lockstep-config.cmake.in "${PROJECT_BINARY_DIR}/lockstep-config.cmake"
  INSTALL_DESTINATION "${cmake_folder}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/lockstep-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/lockstep-config.cmake" "${PROJECT_BINARY_DIR}/lockstep-config-version.cmake"
  DESTINATION "${cmake_folder}")

# Public headers, under the paths by which sources include them.
set(header_folder "${CMAKE_INSTALL_INCLUDEDIR}/lockstep")
install(DIRECTORY model/vocab model/port DESTINATION "${header_folder}/model" FILES_MATCHING PATTERN "*.hpp"
  PATTERN test EXCLUDE)
install(FILES model/wire/lines/messages.hpp DESTINATION "${header_folder}/model/wire/lines")
install(FILES conformance/suite/runner.hpp conformance/suite/selection.hpp DESTINATION "${header_folder}/conformance/suite")
install(FILES conformance/sdk/adapter_host.hpp DESTINATION "${header_folder}/conformance/sdk")
install(FILES reports/record/record.hpp reports/record/store.hpp DESTINATION "${header_folder}/reports/record")

install(DIRECTORY conformance/sdk/sample DESTINATION "${CMAKE_INSTALL_DATADIR}/lockstep")
install(FILES docs/process-provider.schema.json docs/records.schema.json reports/junit/junit.xsd DESTINATION "${CMAKE_INSTALL_DATADIR}/lockstep")
install(FILES README.md CHANGELOG.md LICENSE docs/bypass.md docs/process-provider.md docs/sdk.md docs/verdicts.md
  DESTINATION "${CMAKE_INSTALL_DOCDIR}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME lockstep)
set(CPACK_PACKAGE_VENDOR lockstep)
set(CPACK_PACKAGE_CONTACT "lockstep maintainers <maintainers@lockstep.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
# What the program is linked with, by name and version; what the SDK's users build with is recommended.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "g++, cmake, pkg-config, libboost1.81-dev, libboost-json1.81-dev, \
libpugixml-dev, libiscsi-dev, libisal-dev, liblmdb-dev, libssl-dev")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS python3)
include(CPack)

if(LOCKSTEP_DEVELOPER_MODE)
  add_test(NAME install/sdk_and_package
    COMMAND "${CMAKE_COMMAND}" "-DBUILD=${PROJECT_BINARY_DIR}" "-DCOMPILER=${CMAKE_CXX_COMPILER}"
            -P "${PROJECT_SOURCE_DIR}/cmake/checks/installed_sdk.cmake")
  set_tests_properties(install/sdk_and_package PROPERTIES LABELS install TIMEOUT 300)
endif()
