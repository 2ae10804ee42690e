# Third-party packages, all of them from Debian 12. Nothing is downloaded at build time.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(benchmark REQUIRED)
find_package(pugixml REQUIRED)
find_package(rapidcheck REQUIRED)
pkg_check_modules(ISCSI REQUIRED IMPORTED_TARGET libiscsi)
pkg_check_modules(ISAL REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)


if(LOCKSTEP_DEVELOPER_MODE)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
