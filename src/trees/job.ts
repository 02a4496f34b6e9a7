/**
 * Byte offsets into the shared memory, for the kernels and for TypeScript alike: how the threads of a team meet, and
 * what they are to work on. A field is an i32, a count or an address, unless it says otherwise.
 */

// How the threads meet; each word that is spun on has a cache line of its own.

/** Rises by 256 with each job; its low byte is how many threads take part. */
export const CALL = 64;
/** Workers that have arrived. */
export const ARRIVED = 128;
/** Threads waiting at the barrier, those of them asleep, and how many times it has opened. */
export const WAITING = 192;
export const ASLEEP = 196;
export const OPENED = 256;
/** 1 once a thread has failed. */
export const FAILED = 320;
/** Which of the jobs below. */
export const JOB = 324;

export const JOB_END = 0;
/** Sorts the columns in the slots. */
export const JOB_SORT = 1;
/** Codes them. */
export const JOB_CODE = 2;
/** Lays codes out row by row. */
export const JOB_INTERLEAVE = 3;
/** Writes the gradient pairs of the present margins. */
export const JOB_DIFFERENTIATE = 4;
/** Grows one tree on the pairs and adds it to the margins. */
export const JOB_GROW = 5;
/** Grows trees of a forest, each thread its own. */
export const JOB_FOREST = 6;
/** Draws the rows to grow the next tree on. */
export const JOB_DRAW = 7;
/** Sums the loss of the check rows. */
export const JOB_CHECK = 8;

/** Threads a team may have: the low byte of `CALL`. */
export const MOST_THREADS = 32;

// Columns to sort or to code: [MOST_THREADS] records, and how many of them are in use.

export const SLOTS_USED = 328;
export const SLOTS = 384;
export const SLOT_BYTES = 64;
export const SLOT_FEATURE = 0;
/** f64 [rows]: the column. */
export const SLOT_VALUES = 4;
/** Two areas of f64 [rows]; after sorting the first holds distinct values, the second u32 rows up to each of them. */
export const SLOT_FIRST = 8;
export const SLOT_SECOND = 12;
/** How many distinct values there are, missing ones apart, and how many rows hold a value. */
export const SLOT_DISTINCT = 16;
export const SLOT_PRESENT = 20;
/** f64 cuts, and how many. */
export const SLOT_CUTS = 24;
export const SLOT_CUT_COUNT = 28;
/** Room to count digits in, `COUNTERS_BYTES`. */
export const SLOT_COUNTERS = 32;
/** u32 [6 passes][2,048 digits]. */
export const COUNTERS_BYTES = 49_152;

// The table of codes.

export const TABLE = SLOTS + MOST_THREADS * SLOT_BYTES;
export const ROWS = TABLE;
export const FEATURES = TABLE + 4;
/** [features] of `COLUMN_*` records. */
export const COLUMNS = TABLE + 8;
/** Codes row by row, u8 [rows][bytePlaces] and u16 [rows][wordPlaces]. */
export const BYTES = TABLE + 12;
export const BYTE_PLACES = TABLE + 16;
export const WORDS = TABLE + 20;
export const WORD_PLACES = TABLE + 24;
/** [bytePlaces + wordPlaces] of `PLACE_*` records, and the `MEMBER_*` records they name. */
export const PLACES = TABLE + 28;
export const MEMBERS = TABLE + 32;
/** Rows behind the others that are coded like them and get margins, but that no tree is grown on. */
export const CHECK_ROWS = TABLE + 36;

export const COLUMN_BYTES = 32;
/** Codes of the column, [rows]. */
export const COLUMN_CODES = 0;
/** 1 or 2 bytes a code. */
export const COLUMN_WIDTH = 4;
/** Codes from 0; the missing code is the last. 0 for a column that says nothing. */
export const COLUMN_CELLS = 8;
/** First cell of the column in a histogram. */
export const COLUMN_START = 12;
/** 1 or -1 for a monotone constraint, else 0. */
export const COLUMN_DIRECTION = 16;
/** 1 when the tree under growth may test the column. */
export const COLUMN_DRAWN = 20;
/** 1 when a row has no value in the column. */
export const COLUMN_HAS_MISSING = 24;
/** 1 when codes name categories, which have no order; the last code before the missing one then means unknown. */
export const COLUMN_CATEGORICAL = 28;

export const PLACE_BYTES = 16;
/** Where the place's joint cells start in an accumulator, bytes; how many there are. */
export const PLACE_OFFSET = 0;
export const PLACE_CELLS = 4;
/** First member and number of members: features whose codes are summed into one. */
export const PLACE_FIRST = 8;
export const PLACE_COUNT = 12;

export const MEMBER_BYTES = 12;
export const MEMBER_FEATURE = 0;
/** What the member's code is multiplied by in the joint code, and how many codes it has there. */
export const MEMBER_FACTOR = 4;
export const MEMBER_CODES = 8;

// A round of boosting.

const ROUND = TABLE + 64;
/** f64 [rows]. */
export const MARGINS = ROUND;
export const WEIGHTS = ROUND + 4;
/** 1 fraud, 0 genuine. */
export const LABELS = ROUND + 8;
/** f64 [2 × rows]: gradient and second derivative of each row. */
export const PAIRS = ROUND + 12;
/** u32 [rows]: the rows to grow on, and two areas to part them in. */
export const ORDER = ROUND + 16;
export const LEFT_ROOM = ROUND + 20;
export const RIGHT_ROOM = ROUND + 24;
/** How many rows to grow on. */
export const DRAWN = ROUND + 28;
/** Histograms: where, how many, bytes of each. */
export const HISTOGRAMS = ROUND + 32;
export const HISTOGRAM_COUNT = ROUND + 36;
export const HISTOGRAM_BYTES = ROUND + 40;
/** One accumulator a thread: where, bytes of each. */
export const ACCUMULATORS = ROUND + 44;
export const ACCUMULATOR_BYTES = ROUND + 48;
/** What each thread knows of the tree: where, bytes a thread. */
export const PRIVATES = ROUND + 52;
export const PRIVATE_BYTES = ROUND + 56;
/** What each thread tells the others, `REPORT_BYTES` a thread. */
export const REPORTS = ROUND + 60;
export const MOST_LEAVES = ROUND + 64;
export const MOST_DEPTH = ROUND + 68;
/** One of the three below. */
export const GROWTH = ROUND + 72;
export const DEPTH_WISE = 0;
export const LEAF_WISE = 1;
export const SYMMETRIC = 2;
/** 1 when a column has a monotone constraint. */
export const CONSTRAINED = ROUND + 76;
/** How many nodes were grown, or leaves of a symmetric tree; where the main thread's are; levels of the latter. */
export const GROWN = ROUND + 80;
export const GROWN_NODES = ROUND + 84;
export const GROWN_LEVELS = ROUND + 88;
/** Scores of the cuts of a level, f64 [2][cells]: missing values going right, then left. */
export const LEVEL_SCORES = ROUND + 92;
/** Cells of a histogram. */
export const CELLS = ROUND + 96;
export const GROWN_LEVEL_COUNT = ROUND + 100;
/** Categories that the smaller side of a test may name. */
export const CATEGORIES_PER_SIDE = ROUND + 104;
/** First stream of random numbers to draw rows by; a stream a block. */
export const DRAW_STREAM = ROUND + 108;
/** f64 from here. */
export const LEARNING_RATE = ROUND + 112;
export const L2 = ROUND + 120;
export const MINIMUM_CHILD_WEIGHT = ROUND + 128;
export const MINIMUM_GAIN = ROUND + 136;
export const FOCAL_GAMMA = ROUND + 144;
export const GRID_ROUNDER = ROUND + 152;
export const GRID_STEP = ROUND + 160;
export const CATEGORY_SMOOTHING = ROUND + 168;
export const ROW_SHARE = ROUND + 176;
/** Addresses: u32 rows drawn of each block, f64 loss of each block of check rows. */
export const DRAW_COUNTS = ROUND + 184;
export const CHECK_LOSSES = ROUND + 188;
/** 1: pairs hold weights in place of second derivatives, which are apart, f64 [rows]; f64 [nodes] their sums by leaf. */
export const SPLITS_BY_WEIGHT = ROUND + 192;
export const CURVATURES = ROUND + 196;
export const LEAF_CURVATURES = ROUND + 200;

/** Rows that are drawn by one stream of random numbers, and check rows whose loss is one sum. */
export const BLOCK_ROWS = 4_096;

/** What sorting categories takes, at the end of a thread's private area: u32 [256] codes and f64 [256] keys. */
export const CATEGORY_ROOM_BYTES = 3_072;
/** Codes of a categorical column, without the one for unknown and the one for missing. */
export const MOST_CATEGORIES = 254;
/** A set of codes: a bit each. */
export const SET_BYTES = 32;

/** A node under construction: a record in each thread's private area. */
export const NODE_BYTES = 144;
export const NODE_BEGIN = 0;
export const NODE_END = 4;
export const NODE_DEPTH = 8;
/** Place of its histogram, -1 for none. */
export const NODE_HISTOGRAM = 12;
/** Its best test: feature, last code that goes left, where missing values go; the feature is -1 when none pays. */
export const NODE_FEATURE = 16;
export const NODE_LAST_LEFT = 20;
export const NODE_MISSING_LEFT = 24;
/** Its left child, the right one follows; 0 in a leaf. In a symmetric tree the node's index among the leaves. */
export const NODE_LEFT = 28;
/** f64 from here. */
export const NODE_GAIN = 32;
export const NODE_GRADIENT = 40;
export const NODE_CURVATURE = 48;
export const NODE_LOWER = 56;
export const NODE_UPPER = 64;
export const NODE_LEFT_GRADIENT = 72;
export const NODE_LEFT_CURVATURE = 80;
export const NODE_VALUE = 88;
/** 1 when it may be parted further. */
export const NODE_OPEN = 96;
/** Codes that go left, when the feature is categorical. */
export const NODE_SET = 104;

/** The best split a thread has found for each of two nodes, and how many rows it sent left. */
export const REPORT_BYTES = 192;
export const REPORT_LEFT_ROWS = 160;
/** f64: gradient, then second derivative, of the rows sent left. */
export const REPORT_LEFT_SUMS = 168;
export const SPLIT_BYTES = 80;
/** f64 score; f64 gradient, then second derivative, of the rows going left. */
export const SPLIT_SCORE = 0;
export const SPLIT_LEFT_GRADIENT = 8;
export const SPLIT_FEATURE = 24;
export const SPLIT_LAST_LEFT = 28;
export const SPLIT_MISSING_LEFT = 32;
/** As `NODE_SET`. */
export const SPLIT_SET = 40;

// A forest; it shares ROWS, COLUMNS, LABELS, WEIGHTS, MOST_DEPTH and MINIMUM_CHILD_WEIGHT with the above.

const FOREST = ROUND + 320;
/** Number of the first tree asked for, and how many. */
export const FIRST_TREE = FOREST;
export const FOREST_TREES = FOREST + 4;
/** Low and high half of the forest's seed. */
export const SEED_LOW = FOREST + 8;
export const SEED_HIGH = FOREST + 12;
export const COLUMNS_PER_SPLIT = FOREST + 16;
/** 1 when rows are drawn with replacement, else all are taken. */
export const WITH_REPLACEMENT = FOREST + 20;
/** Codes of the column that has most. */
export const MOST_CODES = FOREST + 24;
/** Room of each thread: where, bytes a thread. */
export const FOREST_ROOM = FOREST + 28;
export const FOREST_ROOM_BYTES = FOREST + 32;
/** Records of [trees asked for][most nodes] nodes; u32 number of nodes of each tree. */
export const TREE_NODES = FOREST + 36;
export const MOST_NODES = FOREST + 40;
export const TREE_SIZES = FOREST + 44;

/** A node of a forest's tree; the feature is -1 in a leaf. */
export const LEAF_BYTES = 40;
export const LEAF_FEATURE = 0;
export const LEAF_LAST_LEFT = 4;
export const LEAF_MISSING_LEFT = 8;
export const LEAF_LEFT = 12;
/** f64 from here. */
export const LEAF_GAIN = 16;
export const LEAF_VALUE = 24;
export const LEAF_COVER = 32;

/** First byte after the fields. */
export const FIRST_FREE = FOREST + 64;
