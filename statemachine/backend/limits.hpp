// The limits of Boost.MPL and Boost.Fusion, lifted for the tables of this room; the first include
// of every file that instantiates a machine. The defaults end at 10 states and 20 rows where a
// compiler's MPL sequences are not based on typeof (those of g++ are, and know no limit). Rows
// themselves are joined by push_back, so only places count here: there are 16.
#pragma once

#define BOOST_MPL_CFG_NO_PREPROCESSED_HEADERS
#define BOOST_MPL_LIMIT_LIST_SIZE 30
#define BOOST_MPL_LIMIT_VECTOR_SIZE 30
#define FUSION_MAX_VECTOR_SIZE 30
