// The limits of Boost.MPL and Boost.Fusion, lifted for the tables of this room; the first include
// of every file that instantiates a machine. A machine here has up to 16 places; the defaults end
// at 10 states and 20 rows. Row vectors grow by push_back, so they need no limit of their own.
#pragma once

#define BOOST_MPL_CFG_NO_PREPROCESSED_HEADERS
#define BOOST_MPL_LIMIT_LIST_SIZE 30
#define BOOST_MPL_LIMIT_VECTOR_SIZE 30
#define FUSION_MAX_VECTOR_SIZE 30
