# Run by cpack between installing into its folder and packing that: what Debian wants otherwise than an installation from source.
cmake_minimum_required(VERSION 3.25)
set(root ${CPACK_TEMPORARY_DIRECTORY})
set(usr ${root}/usr)
set(doc ${usr}/share/doc/fabu)
get_filename_component(packaging ${CMAKE_CURRENT_LIST_DIR}/../packaging ABSOLUTE)

file(RENAME ${usr}/etc ${root}/etc)
file(MAKE_DIRECTORY ${root}/lib)
file(RENAME ${usr}/lib/systemd ${root}/lib/systemd)

# The changelog of releases is CHANGELOG.md; Debian's own says which version this is.
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog.Debian "fabu (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * See changelog.gz.

 -- ${CPACK_PACKAGE_CONTACT}  ${now}
")
file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
file(COPY ${packaging}/debian/copyright DESTINATION ${doc})
file(MAKE_DIRECTORY ${usr}/share/lintian/overrides)
file(COPY_FILE ${packaging}/debian/lintian-overrides ${usr}/share/lintian/overrides/fabu)
file(GLOB pages ${usr}/share/man/*/*)
execute_process(COMMAND gzip -9nf ${doc}/changelog ${doc}/changelog.Debian ${pages} COMMAND_ERROR_IS_FATAL ANY)
