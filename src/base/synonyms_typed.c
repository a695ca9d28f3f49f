/* What users type in place of commands, options and their values. In each list the first row with a
 * meaning that is known there is used. */
#include "base/synonyms.h"

static const cvy_synonym commands[] = {
    { "fit|learn|start", "train", NULL },
    { "eval|test|val|validate|validation|score|metrics", "evaluate", NULL },
    { "infer|inference|classify|detect|recognize|recognise|run|read", "predict", NULL },
    { "bench|benchmark|scaling|speed|threads|perf", "scale", NULL },
    { "tune|search|sweep|grid|experiment|study|hpo|optimize|cv", "compare", NULL },
    { "optimizers|optimisers", "info --optimizers", NULL },
    { "schedules|schedulers", "info --schedules", NULL },
    { "losses", "info --losses", NULL },
    { "callbacks", "info --callbacks", NULL },
    { "augmentations", "info --augmentations", NULL },
    { "recipes|presets", "info --recipes", NULL },
    { "convert", NULL, "Data sets are converted with `convoy data convert WHERE --output DIR`." },
    { "preview", NULL, "`convoy data preview WHERE` draws images of a data set." },
    { "dataset|datasets|images", "data", NULL },
    { "download|fetch|get", NULL, "Data sets are downloaded with `convoy data fetch mnist`." },
    { "summary|show|describe|list|models|layers|check|checks|doctor|env|devices|settings|cfg|plot|"
      "lr|system|hardware|inspect",
      "info", NULL },
    { "v|version|-v|-version", "--version", NULL },
    { "h|usage|man|?", "help", NULL },
    { "completion|completions", NULL,
      "Installing convoy installs its completions for bash, zsh and fish; in the source, they are "
      "in "
      "completions/." },
    { "export|save|onnx|quantize", NULL,
      "Models are saved in the safetensors format by convoy train --output FILE." },
    { "resume|continue", "train",
      "A run with --checkpoint DIR is continued by the same command with --resume." },
    { "find_lr|lr_find|lr_finder|lr_range|lr_range_test|range_test|auto_lr", "find-rate", NULL },
    { "convoy|yolo|keras|torch|python|run|mode", NULL,
      "A command comes first, then its options: convoy train --epochs 3." },
};

static const cvy_synonym options[] = {
    { "lr|learning|rate|eta|base-lr|init-lr|lr-init|initial-lr|initial-learning-rate|lr0|max-lr|"
      "peak-lr",
      "learning-rate", NULL },
    { "lrf|cos-lr|cosine|lr-final|min-lr|eta-min",
      "learning-rate cosine_decay:initial_learning_rate=0.01,decay_steps=1000,alpha=0.01", NULL },
    { "schedule|scheduler|sched|lr-schedule|lr-scheduler|lr-policy|lr-scheduler-type|lrs",
      "learning-rate",
      "A schedule is a value of --learning-rate; convoy info --schedules lists them." },
    { "decay|lr-decay|decay-rate|gamma|lr-gamma",
      "learning-rate exponential_decay:initial_learning_rate=0.01,decay_steps=1000,decay_rate=0.9",
      NULL },
    { "step-size|lr-step|lr-step-size|milestones|lr-steps",
      "learning-rate step_decay:initial_learning_rate=0.01,decay_epochs=3,decay_rate=0.1", NULL },
    { "warmup|warm-up|warmup-steps|warmup-epochs|warmup-ratio|num-warmup-steps",
      "learning-rate constant:learning_rate=0.001,warmup_steps=100",
      "A warm-up is a setting of the schedule." },
    { "batch|b|bs|minibatch|mini-batch|mini-batch-size|train-batch|train-batch-size|"
      "per-device-train-batch-size|batch-sz|bsz|batches",
      "batch-size", NULL },
    { "e|ep|epoch|num-epochs|n-epochs|nepochs|nb-epoch|nb-epochs|max-epochs|num-train-epochs|"
      "passes|"
      "rounds",
      "epochs", NULL },
    { "iter|iters|iterations|n-iter|max-iter|max-iters|num-iterations|max-steps|num-steps|"
      "total-steps|train-steps|steps-per-epoch|updates|num-updates",
      "steps", NULL },
    { "optim|optimiser|opt|solver|algo|algorithm|method|updater", "optimizer", NULL },
    { "optimizers|optimisers", "optimizers", NULL },
    { "optimizers|optimisers", "optimizer", "Repeat --optimizer for each of them." },
    { "momentum|mom|mu|nesterov", "optimizer sgd:momentum=0.9", NULL },
    { "beta|betas|beta1|beta2|adam-beta1|adam-beta2|b1|b2",
      "optimizer adam:beta_1=0.9,beta_2=0.999", NULL },
    { "eps|epsilon|adam-epsilon", "optimizer adam:epsilon=1e-7", NULL },
    { "amsgrad", "optimizer adam:amsgrad=true", NULL },
    { "c|hyp|args|params|opts|settings|options", "config", NULL },
    { "weight-decay|wd|penalty|l2|l2-reg|regularization|reg|lambda",
      "optimizer adamw:weight_decay=0.004", NULL },
    { "clip|clipnorm|clip-norm|clip-grad|grad-clip|gradient-clip|gradient-clip-val|clip-grad-norm|"
      "max-grad-norm|max-norm",
      "optimizer adam:global_clipnorm=1", NULL },
    { "clipvalue|clip-value", "optimizer adam:clipvalue=0.5", NULL },
    { "ema|use-ema|ema-decay|swa|polyak", "optimizer adam:use_ema=true", NULL },
    { "accumulate|accum|accumulation-steps|grad-accum|accumulate-grad-batches|"
      "gradient-accumulation|gradient-accumulation-steps|nbs",
      "optimizer adam:gradient_accumulation_steps=4", NULL },
    { "dataset|datasets|d|train-data|training-data|traindir|train-dir|data-dir|datadir|data-path|"
      "dataset-path|dataset-name|data-root|root|path|x-train|dir|folder|mnist|digits",
      "data", NULL },
    { "train|training|input|i|images|source|in", "data", NULL },
    { "val-data|valid-data|test-data|testdir|x-val|x-test", "validation-data", NULL },
    { "test-split|test-ratio|test-fraction|test-frac", "validation-split",
      "The test images are those of the data set; only validation images are held out." },
    { "val|valid|validation|val-split|valid-split|val-size|val-fraction|validation-fraction|val-"
      "frac|"
      "val-ratio|validation-ratio|valid-pct|val-pct|validation-pct|dev-split|dev|holdout|"
      "validation-size|val-percent|val-data|test-"
      "size",
      "validation-split", NULL },
    { "net|network|arch|architecture|a|backbone|m|model-name|model-type|model-file|model-json",
      "model", NULL },
    { "resume|continue|checkpoint|checkpoint-dir|restart", "report",
      "convoy compare goes on from the runs that its report folder holds." },
    { "resume-from|resume-from-checkpoint|continue|continue-training|restart|restore", "resume",
      "A run with --checkpoint DIR is continued by the same command with --resume." },
    { "weights|pretrained|ckpt|init-weights|load|load-weights|load-model|transfer", NULL,
      "A trained model follows the command in evaluate, predict and info; train --model "
      "FILE.safetensors goes on from its weights." },
    { "ckpt-dir|checkpoint-dir|checkpoint-folder|save-checkpoints", "checkpoint", NULL },
    { "checkpoint-freq|checkpoint-interval|save-every", "checkpoint-every", NULL },
    { "recipe|preset|yaml|cfg|config-file", "config", NULL },
    { "max-time|timeout|walltime|time", "time-limit", NULL },
    { "out|o|save|save-path|save-dir|save-to|save-model|out-file|output-file|output-path|model-out|"
      "model-path|save-model-path|dest|export",
      "output", NULL },
    { "out|o|output|output-dir|outdir|out-dir|project|save-dir|report-dir|html|results", "report",
      NULL },
    { "output-dir|outdir|out-dir|project|name|run-name|exist-ok", "output",
      "The trained model is one file." },
    { "logdir|log-dir|logfile|log-file|logs|logger|csv|csv-log|history|metrics-file|tensorboard|tb|"
      "wandb",
      "log epochs.csv", NULL },
    { "j|n-jobs|njobs|parallel|processes|workers|num-workers", "jobs", NULL },
    { "t|j|nthreads|num-threads|n-threads|threadcount|n-jobs|njobs|workers|num-workers|nworkers|"
      "cpus|use-multiprocessing|"
      "cores|ncores|nproc|procs|intra-op|omp-threads|nt",
      "threads", NULL },
    { "gpu|gpus|device|devices|cuda|no-cuda|tpu|mps|accelerator|use-gpu|ngpu|num-gpus|cpu", NULL,
      "convoy runs on CPUs only; --threads sets the number of cores." },
    { "np|ranks|nodes|num-nodes|mpi|distributed|ddp|world-size|local-rank", NULL,
      "mpirun -n 4 convoy train ... uses several processes or machines; --threads sets the cores "
      "of each." },
    { "s|random-seed|random-state|manual-seed|rng|rng-seed|random|rand", "seed", NULL },
    { "cost|cost-rounds", "cost-repeats", NULL },
    { "criterion|loss-fn|loss-func|loss-function|objective|cost|error-function", "loss", NULL },
    { "metric|scoring|score|scores|eval-metric|eval-metrics", "metrics", NULL },
    { "metric|metrics|scoring", NULL,
      "Loss and accuracy are always reported; convoy evaluate adds top-k, precision, recall and "
      "F1." },
    { "patience|early-stopping-rounds|n-iter-no-change|tol|min-delta|early-stop|early-stopping|"
      "earlystopping|es|stop-early|es-patience",
      "callback early_stopping:patience=3", NULL },
    { "save-best|save-best-only|best|checkpoints|save-checkpoint|save-period|save-freq|"
      "model-checkpoint",
      "callback model_checkpoint:filepath=best.safetensors,save_best_only=true", NULL },
    { "reduce-lr|reduce-on-plateau|plateau|reduce-lr-on-plateau|lr-patience",
      "callback reduce_lr_on_plateau:patience=2", NULL },
    { "callbacks|cb|hook|hooks", "callback", NULL },
    { "class-weights|sample-weight|sample-weights|cls-weights|weights-by-class|pos-weight|balance|"
      "balanced",
      "class-weight", NULL },
    { "subset|fraction|num-samples|n-samples|max-samples|max-train-samples|n-train|num-train|"
      "samples|"
      "max-images|n|train-size|sample|first|limit-train-batches|num-images",
      "limit", NULL },
    { "debug|v|vv|info|loglevel|log-level", "verbose", NULL },
    { "q|silent|no-progress|no-bar|noprogress|disable-tqdm", "quiet", NULL },
    { "format|output-format|type|as", "to", NULL },
    { "format|output-format|as-json|to-json|jsonl", "json", NULL },
    { "force|f|y|yes|exist-ok|replace|overwrite-output", "overwrite", NULL },
    { "imgsz|img|img-size|image-size|resize|input-size|input-shape|size|target-size|rect|width|"
      "height",
      "resize", NULL },
    { "imgsz|img-size|image-size|resize|input-size|input-shape|size|target-size|rect|width|height",
      NULL,
      "convoy predict scales pictures to the model's input size; convoy data convert --resize HxW "
      "resizes a data set." },
    { "gray|grey|greyscale|mono|monochrome|bw|to-gray|to-grayscale", "grayscale", NULL },
    { "color|colour|to-rgb|colors", "rgb", NULL },
    { "mean|std|norm|normalization|normalisation|rescale|standardize", "normalize", NULL },
    { "crop|autocrop|ink|find", "find-ink", NULL },
    { "find-ink|crop|autocrop|ink|preprocess|center", NULL,
      "convoy predict finds the ink itself (--whole turns that off); convoy data convert "
      "--find-ink "
      "prepares pictures for other commands." },
    { "no-invert|noinvert", "invert no", NULL },
    { "negative|negate|inverted|invert-colors|inverse", "invert yes", NULL },
    { "segmentation|ocr|multi|multiple|characters|words|page|split-characters", "segment", NULL },
    { "errors|misread|misclassified|wrong|failures|top-losses", "mistakes mistakes.png", NULL },
    { "freeze-layers|frozen|freeze-layer|freeze-backbone|n-freeze", "freeze", NULL },
    { "dry-run|dryrun|fast-dev-run|smoke-test|sanity-check", "limit 1000",
      "Few images make a short trial." },
    { "rotation|rotate|degrees", "augment random_rotation", NULL },
    { "fliplr|flip|hflip|horizontal-flip", "augment random_flip:mode=horizontal", NULL },
    { "flipud|vflip|vertical-flip", "augment random_flip:mode=vertical", NULL },
    { "translate|shift", "augment random_translation", NULL },
    { "shear", "augment random_shear", NULL },
    { "mixup", "augment mixup", NULL },
    { "cutmix|mosaic", "augment cutmix", NULL },
    { "erasing|cutout|random-erasing", "augment random_erasing", NULL },
    { "no-augment|no-augmentation|no-aug|no-transforms", NULL,
      "Without --augment, images are used unchanged." },
    { "hsv-h|hsv-s|hsv-v|translate|shear|perspective|flipud|close-mosaic|erasing|zoom|rotation|"
      "auto-augment|augment|aug|augmentation|augmentations|transform|transforms|flip|rotate|fliplr|"
      "degrees|"
      "mosaic|"
      "mixup|cutout",
      "augment", NULL },
    { "augment|aug|augmentation|transform|transforms", "augmentations", NULL },
    { "dataset|data-set", "datasets", NULL },
    { "hsv-h|hsv-s|hsv-v|translate|shear|perspective|flipud|close-mosaic|erasing|zoom|rotation|"
      "auto-augment|augment|aug|augmentation|augmentations|transform|transforms|flip|rotate|fliplr|"
      "degrees|"
      "mosaic|"
      "mixup|cutout",
      NULL,
      "convoy train and data preview have --augment; convoy info --augmentations lists its "
      "values." },
    { "shuffle|no-shuffle", NULL,
      "Training images are shuffled in every epoch; --seed sets the order." },
    { "deterministic|reproducible|determinism", NULL,
      "The same seed always gives the same weights, whatever the number of threads." },
    { "hidden-layer-sizes|n-hidden|depth|width-multiple|dropout|drop|dropout-rate|activation|"
      "hidden|hidden-size|units|filters|kernel-size|layers|"
      "n-layers|data-format|padding|strides|pool-size|batch-norm|bn|channels|initializer|num-"
      "classes|nc",
      NULL, "Layers are described in the model's JSON; convoy info MODEL shows them." },
    { "amp|half|fp16|bf16|fp32|precision|dtype|mixed-precision|int8|tf32", NULL,
      "convoy trains in single precision (float32)." },
    { "label-smoothing|smoothing", "loss categorical_crossentropy:label_smoothing=0.1", NULL },
    { "focal|focal-loss|gamma-focal|fl-gamma", "loss categorical_focal_crossentropy", NULL },
    { "label-smoothing|smoothing|focal|gamma-focal", NULL,
      "convoy info --losses lists the losses." },
    { "k|top|topk-accuracy|num-top", "top-k", NULL },
    { "k|top-k|topk|num-top|n-best|nbest", "top", NULL },
    { "test|valid|subset-name|partition|part|set", "split", NULL },
    { "seconds|secs|minutes|duration", "time-limit", NULL },
    { "epochs|epoch|seconds|secs|duration", "steps", "The length of a run is given in updates." },
    { "test|test-set|testing", NULL,
      "The test images are those of the data set; convoy evaluate MODEL --data WHERE scores any "
      "others." },
    { "confusion|confusion-matrix|report|per-class|classification-report", NULL,
      "convoy evaluate always prints the confusion matrix and each class's scores." },
    { "image|img|source|input|i|file|files|images|picture|predict|im", NULL,
      "Image files follow the model: convoy predict MODEL FILE..." },
    { "config|cfg|yaml|args|hyp|params|opts", NULL,
      "Each setting has its own option; see --help." },
    { "runs|n-runs|num-runs|trials|n-trials|num-trials|repeat|repeats|n-repeats|reps|seeds|num-"
      "seeds|n-"
      "seeds",
      "seeds", NULL },
    { "runs|n-runs|num-runs|trials|n-trials|repeat|n-repeats|reps|iters|iterations", "repeats",
      NULL },
    { "search|sweep|param-grid|grid-search|params", "grid", NULL },
    { "tuning|hpo|optuna|range", "tune", NULL },
    { "affinity|pin|pinning|proc-bind|numa|places", "bind", NULL },
    { "weak|weak-scaling", "mode weak", NULL },
    { "strong|strong-scaling", "mode strong", NULL },
    { "kind|type", "mode", NULL },
    { "usage|manual|h|?", "help", NULL },
    { "model|weights|m|checkpoint|ckpt|load", NULL,
      "The model follows the command: convoy evaluate MODEL, convoy predict MODEL FILE..., convoy "
      "info MODEL." },
    { "list|ls|all", NULL, "convoy info --help names what can be listed." },
    { "no-*", NULL, "Leave the option out instead." },
    { "version|ver", NULL, "convoy --version prints the version." },
    { "profile|profiler|timing|benchmark", NULL,
      "convoy scale measures each phase of a training step." },
    { "kfold|k-folds|k-fold|cv|cross-validation|cross-val|crossval|n-splits|n-folds|num-folds",
      "folds", NULL },
    { "kfold|folds|k-folds|cv|cross-validation", NULL,
      "convoy compare repeats a training over seeds." },
    { "num-iter|num-iterations|iterations|n-iter|num-it", "steps", NULL },
    { "warmup-steps|warm-up-steps|warmup-iters|warmup-updates", "warm-up", NULL },
    { "min|max|from|to|start|end|low|high|start-lr|end-lr|max-lr|min-lr|init-lr|learning-rates|min-"
      "rate|max-rate|lr-range|range|"
      "rate-range",
      "rates 1e-6..10", NULL },
    { "max-threads|min-threads|thread-list|thread-counts|threads-list", "threads", NULL },
    { "r|recurse|walk", "recursive", NULL },
    { "count|n|num|samples|images-per-class", "per-class", NULL },
    { "threshold|conf|confidence|min-confidence", "top 10",
      "The output has a probability for each class." },
    { "confidence|confidence-level|ci|p-value|correction|alpha|significance", NULL,
      "convoy chooses the report's tests and figures itself." },
    { "threshold|conf|confidence|min-confidence|iou", NULL,
      "The output has a probability for each class; convoy predict --top 10 prints more of them." },
    { "labels|names|classes|class-names|class-map", NULL,
      "The names of the classes are stored in the model." },
    { "show|view|plot|plots|figure|graph|chart", "report", NULL },
    { "save-txt|save-csv|to-csv|csv-file", "csv", "Redirect the output to a file with > FILE." },
    { "show|view|plot|imshow|save-crop", "annotate",
      "convoy predict --annotate FILE.png draws the predictions." },
    { "show|view|plot|plots|imshow", NULL,
      "convoy draws into files: evaluate --mistakes, predict --annotate, data preview --output." },
    { "data|dataset|data-dir", NULL,
      "convoy data info WHERE describes a data set; pictures follow the model: convoy predict "
      "MODEL FILE..." },
    { "batch-size|batch|bs|b", NULL, "Outside of training, convoy chooses the batch size itself." },
    { "output|out|o|save|save-json|output-file|export", NULL,
      "Redirect the output to a file with > FILE; --json prints JSON." },
    { "learning-rate|lr|lr0", NULL,
      "An optimizer takes it as a setting: --optimizer sgd:learning_rate=0.1." },
    { "summary|describe|architecture", NULL, "convoy info MODEL prints the layers." },
    { "protocol|alpha|significance|confidence-level|metric", NULL,
      "convoy chooses the report's tests and figures itself." },
};

/* Actions of `convoy data`. */
static const cvy_synonym data_actions[] = {
    { "stats|statistics|show|describe|summary|list|ls|count|head|shape|about", "info", NULL },
    { "view|plot|images|sheet|display|look|sample|samples|visualize|visualise", "preview", NULL },
    { "validate|verify|lint|test|inspect|clean|scan", "check", NULL },
    { "export|save|write|copy|pack|transform|to_idx", "convert", NULL },
    { "download|get|pull|wget", "fetch", NULL },
    { "augment|augmentations", NULL,
      "`convoy data preview WHERE --augment SPEC` shows augmented images; train --augment uses "
      "them." },
    { "split|divide", NULL,
      "To hold out images for validation, use convoy train --validation-split 0.1." },
    { "resize|scale|crop", NULL, "--resize HxW scales images while they are read." },
};

/* Formats that `convoy data convert` writes. */
static const cvy_synonym data_formats[] = {
    { "png|pngs|image|images|jpg|jpeg|folder|directory|directories|imagefolder|pictures", "folders",
      NULL },
    { "mnist|ubyte|idx-ubyte|idx3", "idx", NULL },
    { "numpy|npy|np", "npz", NULL },
    { "tsv|table|text|excel|xlsx|pandas", "csv", NULL },
    { "pack|binary|bin|tfrecord|lmdb|webdataset|parquet|hdf5|h5", "packed", NULL },
};

/* Values of --threads. */
static const cvy_synonym thread_counts[] = {
    { "*%|all|auto|max|full|nproc|0|-1|default|none|half|yes|cpu|cpus|cores|physical", NULL,
      "Without --threads, convoy uses every core available to this process." },
    { "*-*|*,*|*..*|*:*", NULL, "convoy scale --threads 1,2,4 measures several." },
};

/* Values of other options. */
static const cvy_synonym scale_threads[] = {
    { "all|auto|max|full|nproc|0|-1|default|none|yes|powers|cores", NULL,
      "Without --threads: 1, 2, 4 ... up to the number of cores available to this process." },
};

static const cvy_synonym memory[] = {
    { "all|unlimited|none|max|auto|inf|no|*%", NULL,
      "Without --memory, all images are kept in memory; SIZE is a number of bytes." },
};

static const cvy_synonym time_limit[] = {
    { "unlimited|none|inf|no|never|0", NULL,
      "Without --time-limit, a run takes the time it needs." },
};

static const cvy_synonym checkpoint_every[] = {
    { "epoch|1epoch|epochs|*epoch*|end|always|best", NULL,
      "A run resumes from any update, so give a number of updates or a time; the best epoch is "
      "always kept." },
    { "0|none|never|off|no", NULL, "Without --checkpoint, convoy writes no checkpoints." },
};

static const cvy_synonym on_nan[] = {
    { "raise|abort|exit|error|fail|terminate|halt|end|break|true", "stop", NULL },
    { "drop|omit|next|discard", "skip", NULL },
    { "continue|pass|warn|keep|allow|false|none", "ignore", NULL },
};

static const cvy_synonym bind[] = {
    { "close|spread|core|true|compact|scatter|thread|threads|yes|on|1|cpu|pu|master", "cores",
      NULL },
    { "socket|numa|node|package|l3", "sockets", NULL },
    { "false|no|off|free|0", "none", NULL },
};

static const cvy_synonym invert[] = {
    { "true|1|on|y|dark|black", "yes", NULL },
    { "false|0|off|n|light|white|none", "no", NULL },
};

static const cvy_synonym split[] = {
    { "all|train,test|both|everything", NULL, "Only one part can be evaluated at a time." },
    { "eval|holdout|testing", "test", NULL },
    { "dev|valid|val", "validation", NULL },
    { "training", "train", NULL },
};

static const cvy_synonym seed[] = {
    { "random|none|time|-1|auto|null|now", NULL,
      "A seed is a number, so that the run can be repeated; the shell's $RANDOM gives a random "
      "one." },
    { "*,*", NULL, "convoy compare --seeds 5 repeats each training with 5 seeds." },
};

static const cvy_synonym seeds[] = {
    { "*,*|*-*|*..*|*:*", NULL, "--seeds is the number of seeds, which are 0, 1, 2, ..." },
};

static const cvy_synonym jobs[] = {
    { "all|auto|max|0|-1|nproc|none", NULL, "Without --jobs, there is one run per core." },
};

static const cvy_synonym limit[] = {
    { "all|none|full|inf|-1|max|no|unlimited", NULL,
      "Without --limit, all training images are used." },
    { "*%|0.*|.*", NULL, "--limit is a number of images, as in --limit 1000." },
};

static const cvy_synonym keep[] = {
    { "all|-1|none|0|inf|unlimited", NULL, "A large number keeps all of them: --keep 1000000." },
};

static const cvy_synonym resume[] = {
    { "*", NULL, "The run's folder is given by --checkpoint: --checkpoint DIR --resume." },
};

static const cvy_synonym batch_size[] = {
    { "auto|default", NULL, "Without --batch-size it is 64." },
    { "*,*", NULL, "A run has a single batch size." },
};

static const cvy_synonym epochs[] = {
    { "*,*", NULL, "A run has a single number of epochs." },
    { "0|none", NULL, "convoy info MODEL shows a model without training it." },
    { "inf|infinite|-1|forever|auto|unlimited", NULL,
      "Give a large number, and --time-limit 1h or --callback early_stopping to end the run." },
};

static const cvy_synonym top_k[] = {
    { "*,*", NULL, "Only one K can be given; the accuracy (top-1) is always reported." },
};

static const cvy_synonym normalizations[] = {
    { "255|1/255|1./255|255.0|minmax|min_max|min-max|0-1|01|rescale|rescaling|scale|divide|"
      "totensor|[0,1]|range",
      "unit", NULL },
    { "zscore|z-score|z_score|standardize|standardise|standardization|imagenet|mean_std|meanstd|"
      "true|yes|normal|batch|0.5|mean|std|auto|default|on",
      "standard", NULL },
    { "false|no|off|raw|0|null", "none", NULL },
};

static const cvy_synonym class_weights[] = {
    { "auto|balance|inverse|inverse_frequency|true|yes|balanced_subsample", "balanced", NULL },
    { "none|false|no|uniform|equal", NULL, "Without --class-weight all classes count the same." },
};

#define LIST(name, rows)                                                                           \
    {                                                                                              \
        name, rows, sizeof(rows) / sizeof(*(rows))                                                 \
    }
const cvy_synonym_list cvy_typed_synonyms[] = {
    LIST("command", commands),
    LIST("option", options),
    LIST("data action", data_actions),
    LIST("data format", data_formats),
    LIST("--threads", thread_counts),
    LIST("scale --threads", scale_threads),
    LIST("--memory", memory),
    LIST("--time-limit", time_limit),
    LIST("--checkpoint-every", checkpoint_every),
    LIST("--on-nan", on_nan),
    LIST("--bind", bind),
    LIST("--invert", invert),
    LIST("--split", split),
    LIST("--seed", seed),
    LIST("--seeds", seeds),
    LIST("--jobs", jobs),
    LIST("--limit", limit),
    LIST("--keep", keep),
    LIST("--resume", resume),
    LIST("--batch-size", batch_size),
    LIST("--epochs", epochs),
    LIST("--top-k", top_k),
    LIST("normalize", normalizations),
    LIST("class weight", class_weights),
    { NULL, NULL, 0 },
};
