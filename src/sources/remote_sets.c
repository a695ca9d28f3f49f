/* The data sets that can be fetched. The sizes and SHA-256 of MNIST were computed from its files;
 * those of the others are published with TensorFlow Datasets (url_checksums). */
#include "sources/remote_sets.h"

#include <string.h>

static const cvy_remote_set sets[] = {
    { { .name = "mnist",
        .summary = "70,000 handwritten digits, 28 x 28, grey",
        .licence = "CC BY-SA 3.0, as the documentation of Keras states; its authors state none",
        .citation = "LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document "
                    "recognition. Proceedings of the IEEE 86 (1998)",
        .where = "" },
      { "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/", NULL },
      NULL,
      { { "train-images-idx3-ubyte.gz",
          "71524e2cd1ad2968737f7f2f2ff69cbfc32df8ccddff51593f7cb2d4e0eb5b64", 9630610,
          CVY_REMOTE_PLAIN },
        { "train-labels-idx1-ubyte.gz",
          "fe03b8bd7915f70bf5aa08be480aa413fbd85afcaa58b35d230d335f284fd88e", 28878,
          CVY_REMOTE_PLAIN },
        { "t10k-images-idx3-ubyte.gz",
          "5634745efa576a17e7d4cf5cd9d09123c75e6538e5114267c2d156edaf519341", 1602050,
          CVY_REMOTE_PLAIN },
        { "t10k-labels-idx1-ubyte.gz",
          "ae18e77e031ccde52407f794d123116439864147d33ac992975f85dd4dc42af6", 4517,
          CVY_REMOTE_PLAIN } } },
    { { .name = "fashion-mnist",
        .summary = "70,000 pieces of clothing in 10 classes, 28 x 28, grey",
        .licence = "MIT",
        .citation = "Xiao, Rasul, Vollgraf: Fashion-MNIST: a novel image dataset for benchmarking "
                    "machine learning algorithms (2017), arXiv:1708.07747",
        .where = "" },
      { "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", NULL },
      "T-shirt/top\nTrouser\nPullover\nDress\nCoat\nSandal\nShirt\nSneaker\nBag\nAnkle boot\n",
      { { "train-images-idx3-ubyte.gz",
          "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", 26421880,
          CVY_REMOTE_PLAIN },
        { "train-labels-idx1-ubyte.gz",
          "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", 29515,
          CVY_REMOTE_PLAIN },
        { "t10k-images-idx3-ubyte.gz",
          "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", 4422102,
          CVY_REMOTE_PLAIN },
        { "t10k-labels-idx1-ubyte.gz",
          "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", 5148,
          CVY_REMOTE_PLAIN } } },
    { { .name = "kmnist",
        .summary = "70,000 cursive Japanese characters in 10 classes, 28 x 28, grey",
        .licence = "CC BY-SA 4.0",
        .citation =
            "Clanuwat, Bober-Irizar, Kitamoto, Lamb, Yamamoto, Ha: Deep learning for classical "
            "Japanese literature (2018), arXiv:1812.01718",
        .where = "" },
      { "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/", NULL },
      "o\nki\nsu\ntsu\nna\nha\nma\nya\nre\nwo\n",
      { { "train-images-idx3-ubyte.gz",
          "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4", 18165135,
          CVY_REMOTE_PLAIN },
        { "train-labels-idx1-ubyte.gz",
          "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17", 29497,
          CVY_REMOTE_PLAIN },
        { "t10k-images-idx3-ubyte.gz",
          "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5", 3041136,
          CVY_REMOTE_PLAIN },
        { "t10k-labels-idx1-ubyte.gz",
          "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c", 5120,
          CVY_REMOTE_PLAIN } } },
    { { .name = "emnist",
        .summary = "handwritten digits and letters in six splits, 28 x 28, grey",
        .licence = "a work of the United States government (NIST), no terms stated",
        .citation =
            "Cohen, Afshar, Tapson, van Schaik: EMNIST: an extension of MNIST to handwritten "
            "letters (2017), arXiv:1702.05373",
        .where = "/emnist-balanced" },
      { "https://biometrics.nist.gov/cs_links/EMNIST/",
        "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/", NULL },
      NULL,
      { { "gzip.zip", "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e", 561753746,
          CVY_REMOTE_ZIP } } },
    { { .name = "cifar-10",
        .summary = "60,000 photographs in 10 classes, 32 x 32, color",
        .licence = "not stated by its authors",
        .citation = "Krizhevsky: Learning multiple layers of features from tiny images (2009)",
        .where = "" },
      { "https://www.cs.toronto.edu/~kriz/", NULL },
      NULL,
      { { "cifar-10-binary.tar.gz",
          "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd", 170052171,
          CVY_REMOTE_TAR } } },
};
enum { SET_COUNT = sizeof sets / sizeof *sets };

const cvy_remote_dataset *cvy_dataset_remote(size_t index)
{
    return index < SET_COUNT ? &sets[index].about : NULL;
}

const cvy_remote_set *cvy_remote_find(const char *name)
{
    for (size_t i = 0; i < SET_COUNT; i++)
        if (strcmp(sets[i].about.name, name) == 0)
            return &sets[i];
    return NULL;
}
