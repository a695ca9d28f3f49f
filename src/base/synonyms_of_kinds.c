/* Names of kinds and of their settings in Keras, PyTorch, Ultralytics YOLO and scikit-learn. In
 * each list the first row with a meaning that is known there is used. */
#include "base/synonyms.h"

static const cvy_synonym metrics[] = {
    { "f1|f1_score|f_score|fscore|f1score|f_measure", "f1_score", NULL },
    { "f2|fbeta|f_beta", "fbeta_score", NULL },
    { "top5|top_5|top_5_accuracy|acc5|acc_5|top5_acc|top5_accuracy|metrics/accuracy_top5",
      "top_k_categorical_accuracy:k=5", NULL },
    { "top3|top_3|top_3_accuracy", "top_k_categorical_accuracy:k=3", NULL },
    { "topk|top_k|top_k_accuracy|top_k_categorical", "top_k_categorical_accuracy", NULL },
    { "top1|top_1|top_1_accuracy|acc1|multiclass_accuracy", "categorical_accuracy", NULL },
    { "roc_auc|auroc|auc_roc|rocauc|roc", "auc", NULL },
    { "pr_auc|average_precision|ap", "auc", NULL },
    { "sensitivity|tpr|true_positive_rate|hit_rate", "recall", NULL },
    { "ppv|positive_predictive_value", "precision", NULL },
    { "tp", "true_positives", NULL },
    { "tn", "true_negatives", NULL },
    { "fp", "false_positives", NULL },
    { "fn", "false_negatives", NULL },
    { "r2|r_squared|rsquared|r2score", "r2_score", NULL },
    { "l1|l1_loss", "mean_absolute_error", NULL },
    { "l2|mseloss", "mean_squared_error", NULL },
    { "map|map50|map50_95|iou|miou|mean_iou|dice", NULL,
      "convoy classifies whole images; precision, recall and f1_score are the nearest." },
    { "loss|val_loss|accuracy|acc|val_accuracy|val_acc", NULL,
      "Loss and accuracy are always reported." },
    { "all|everything", NULL, "convoy info --metrics lists them." },
    { "confusion|confusion_matrix|classification_report", NULL,
      "convoy evaluate prints the confusion matrix and each class's scores." },
};

static const cvy_synonym optimizers[] = {
    { "momentum|sgdm|sgd_momentum|momentum_sgd|msgd|heavyball", "sgd:momentum=0.9", NULL },
    { "nesterov|nag|nesterov_momentum|sgd_nesterov", "sgd:momentum=0.9,nesterov=true", NULL },
    { "gd|gradient_descent|gradientdescent|gradient_descent_optimizer|vanilla|vanilla_sgd|batch_gd|"
      "stochastic_gradient_descent|asgd|bgd|backprop",
      "sgd", NULL },
    { "adamoptimizer|auto|default|sparseadam|fusedadam|adam_optimizer|adam8bit|8bit_adam", "adam",
      NULL },
    { "amsgrad", "adam:amsgrad=true", NULL },
    { "adam_weight_decay|adamweightdecay|adam_wd|decoupled_adam|adamwd|adamw8bit|8bit_adamw|adamw_"
      "torch|"
      "adamw_hf|fused_adamw",
      "adamw", NULL },
    { "rms|rmspropoptimizer|rms_propagation", "rmsprop", NULL },
    { "adagradoptimizer|ada_grad", "adagrad", NULL },
    { "sgdoptimizer|sgd_optimizer", "sgd", NULL },
    { "ada_delta", "adadelta", NULL },
    { "schedulefree|schedule_free|schedule_free_adam|adamwschedulefree|adamw_schedule_free|sfadamw",
      "schedule_free_adamw", NULL },
    { "all|every|any|list|best", NULL,
      "Repeat --optimizer for each; convoy info --optimizers lists them." },
    { "sam|asam|gsam", NULL, "convoy has no sharpness-aware minimization." },
    { "lars", "lamb", "convoy has no LARS; LAMB also scales the steps of each variable." },
    { "radam|adabelief|adabound|prodigy|adan|sophia|shampoo|novograd|lookahead|ranger|d_adaptation|"
      "dadaptation|madgrad|yogi|soap|adopt",
      NULL, "adam, adamw, nadam and schedule_free_adamw are the nearest that convoy has." },
    { "lbfgs|l_bfgs|bfgs|rprop|newton|cg|conjugate_gradient|levenberg_marquardt|kfac|genetic|"
      "hessian_free",
      NULL, "convoy trains with first-order methods on batches of images." },
    { "loss_scale|lossscale|lossscaleoptimizer|loss_scale_optimizer", "adam:loss_scale_factor=1024",
      NULL },
    { "ema|swa|polyak|averaging", "adam:use_ema=true", NULL },
    { "cosine|cosine_decay|exponential_decay|one_cycle|step_decay|polynomial_decay", NULL,
      "A schedule belongs in --learning-rate." },
};

static const cvy_synonym schedules[] = {
    { "cosine|cos|cosineannealing|cosine_annealing|cosineannealinglr|cosine_schedule|cosine_lr|"
      "half_cosine|cosine_with_warmup",
      "cosine_decay:initial_learning_rate=0.01,decay_steps=1000", NULL },
    { "sgdr|cosineannealingwarmrestarts|cosine_restarts|warm_restarts|cosine_with_restarts",
      "cosine_decay_restarts:initial_learning_rate=0.01,first_decay_steps=500", NULL },
    { "exp|exponential|exponentiallr|exponential_lr|decay|geometric",
      "exponential_decay:initial_learning_rate=0.01,decay_steps=1000,decay_rate=0.9", NULL },
    { "step|steplr|step_lr|step_size|staircase|drop|epoch_decay",
      "step_decay:initial_learning_rate=0.01,decay_epochs=3", NULL },
    { "piecewise|piecewise_constant|multistep|multisteplr|multi_step|milestones|manual|steps",
      "piecewise_constant_decay:boundaries=[1000,2000],values=[0.1,0.01,0.001]", NULL },
    { "poly|polynomial|polynomiallr|linear|linearlr|linear_decay|linear_schedule|lineardecay",
      "polynomial_decay:initial_learning_rate=0.01,decay_steps=1000", NULL },
    { "inverse|inv|inverse_time|inversetime|time_decay|noam|inverse_sqrt|rsqrt",
      "inverse_time_decay:initial_learning_rate=0.01,decay_steps=1000,decay_rate=0.5", NULL },
    { "onecycle|onecyclelr|one_cycle_lr|super_convergence|cyclic|cycliclr|clr|triangular|triangle|"
      "cycle",
      "one_cycle:max_learning_rate=0.01", NULL },
    { "warmup|linear_warmup|constant_with_warmup|warmup_constant",
      "constant:learning_rate=0.001,warmup_steps=100", "Every schedule takes warmup_steps." },
    { "fixed|const|flat|none|default|auto|constantlr|lambda|lambdalr",
      "constant:learning_rate=0.001", "A number alone is a constant learning rate." },
    { "plateau|reducelronplateau|reduce_lr|reduce_lr_on_plateau|reduce_on_plateau", NULL,
      "That is a callback: --callback reduce_lr_on_plateau:patience=2." },
    { "adam|sgd|adamw|rmsprop|momentum", NULL, "An optimizer belongs in --optimizer." },
    { "lr|learning_rate|initial_learning_rate|rate|value|number", NULL,
      "A number alone is a constant learning rate: --learning-rate 0.01." },
};

static const cvy_synonym losses[] = {
    { "mse|l2|mseloss|mse_loss|l2_loss|quadratic|squared_error|mean_square_error|squared|brier|"
      "rmse|"
      "square",
      "mean_squared_error", NULL },
    { "mae|l1|l1loss|l1_loss|absolute_error|mean_abs_error|absolute", "mean_absolute_error", NULL },
    { "huber|huber_loss|smooth_l1|smoothl1loss|huberloss|smooth_l1_loss", "huber", NULL },
    { "bce|bceloss|bce_loss|bcewithlogits|bcewithlogitsloss|binary|binary_cross_entropy|binary_"
      "crossentropy",
      "binary_crossentropy", NULL },
    { "categorical|categorical_crossentropy|categorical_cross_entropy|label_smoothing",
      "categorical_crossentropy", NULL },
    { "crossentropy|cross_entropy|crossentropyloss|cross_entropy_loss|ce|ce_loss|xent|sparse|"
      "sparse_ce|"
      "sparse_crossentropy|sparse_categorical|categorical|categorical_crossentropy|"
      "categorical_cross_entropy|softmax|softmax_cross_entropy|softmax_with_loss|nll|nllloss|nll_"
      "loss|"
      "logloss|log_loss|negative_log_likelihood|binary_crossentropy|bce|multinomial|entropy|"
      "sparse_softmax_cross_entropy|sparse_cross_entropy|scce|classification",
      "sparse_categorical_crossentropy", NULL },
    { "focal|focal_loss|focalloss|sigmoid_focal_loss", "categorical_focal_crossentropy", NULL },
    { "kl|kld|kldiv|kl_div|kldivloss|kullback_leibler|kl_loss", "kl_divergence", NULL },
    { "cosine|cosine_loss|cosine_embedding_loss|cosine_proximity", "cosine_similarity", NULL },
    { "mape", "mean_absolute_percentage_error", NULL },
    { "msle|rmsle", "mean_squared_logarithmic_error", NULL },
    { "logcosh|log_cosh_loss", "log_cosh", NULL },
    { "svm|hinge_loss|multimarginloss|multi_margin", "categorical_hinge", NULL },
    { "poisson_loss|poissonnllloss|poisson_nll", "poisson", NULL },
    { "gce|generalized_cross_entropy", "categorical_generalized_cross_entropy", NULL },
    { "accuracy|acc|val_accuracy|error|f1|auc|precision|recall", NULL,
      "A loss must be differentiable. Loss and accuracy are always reported; --metrics adds other "
      "measures." },
    { "triplet|contrastive|ctc|dice|iou|gan|perceptual|vae", NULL,
      "Use sparse_categorical_crossentropy for classes, mean_squared_error for numbers." },
};

static const cvy_synonym callbacks[] = {
    { "earlystop|early_stop|es|patience|stop|stop_early|stopping", "early_stopping:patience=3",
      NULL },
    { "checkpoint|checkpointer|ckpt|save|save_best|savebest|best|model_save|backup|backup_and_"
      "restore",
      "model_checkpoint:filepath=best.safetensors,save_best_only=true", NULL },
    { "csv|log|logger|history|wandb|mlflow|tensor_board|tensorboard|progbar|progbar_logger|"
      "csv_log|swanlab|neptune",
      "csv_logger:filename=epochs.csv", NULL },
    { "plateau|reducelr|reduce_lr|reduce_on_plateau|lr_plateau|reduce|reduce_lr_plateau",
      "reduce_lr_on_plateau:patience=2", NULL },
    { "terminate|nan|terminate_nan|stop_on_nan|nan_check", "terminate_on_nan", NULL },
    { "scheduler|lr_scheduler|learning_rate_scheduler|lrscheduler|schedule|lr_schedule|warmup|"
      "cosine_decay|one_cycle|exponential_decay|cosine|learning_rate_monitor",
      NULL, "A schedule belongs in --learning-rate; convoy info --schedules lists them." },
    { "swap_ema_weights|swapemaweights|ema|swa|stochastic_weight_averaging", NULL,
      "Weight averaging is an optimizer setting: --optimizer adam:use_ema=true." },
    { "progress|progress_bar|progbar|progbarlogger|tqdm|tqdmcallback", NULL,
      "Progress is shown in a terminal unless --quiet is given." },
    { "none|no|false|off", NULL, "Without --callback there is none." },
    { "lambda|lambda_callback|remote_monitor", NULL, "In C, cvy_train() calls on_progress()." },
};

/* Settings of any spec: a row applies if its meaning is a setting there. */
static const cvy_synonym settings[] = {
    { "alpha", "rho", NULL },
    { "lr|rate|eta|lr0|base_lr|initial_lr|learning|step_size|alpha", "learning_rate", NULL },
    { "lr|rate|eta|lr0|base_lr|initial_lr|init_lr|learning_rate|initial_rate|start_lr|lr_init",
      "initial_learning_rate", NULL },
    { "lr|rate|max_lr|peak|peak_lr|learning_rate|initial_learning_rate|max_rate|lr_max",
      "max_learning_rate", NULL },
    { "final_lr|min_lr|end_lr|eta_min|end|lrf|min_learning_rate", "end_learning_rate", NULL },
    { "eta_min|min_lr|final_lr|lrf|end_learning_rate|min_ratio|end_lr", "alpha", NULL },
    { "min_learning_rate|eta_min|floor", "min_lr", NULL },
    { "mom|mu|beta|moment|momentum_decay", "momentum", NULL },
    { "dampening|foreach|fused|capturable|maximize|differentiable|jit_compile|name", NULL,
      "That setting of PyTorch or Keras has no meaning here." },
    { "b1|beta1|beta_one", "beta_1", NULL },
    { "b2|beta2|beta_two", "beta_2", NULL },
    { "betas|beta", "beta_1=0.9,beta_2=0.999", NULL },
    { "alpha|decay|smoothing|beta|momentum_rms|beta_2", "rho", NULL },
    { "eps|e|fuzz|delta", "epsilon", NULL },
    { "wd|decay|l2|weightdecay|reg|lambda|l2_reg|regularization", "weight_decay", NULL },
    { "exclude|no_decay|no_weight_decay|exclude_bias", "exclude_from_weight_decay", NULL },
    { "clip|clip_norm|grad_clip|max_grad_norm|gradient_clip", "global_clipnorm", NULL },
    { "max_norm|norm", "clipnorm", NULL },
    { "clip_value|clipval", "clipvalue", NULL },
    { "ema|swa|averaging|average", "use_ema", NULL },
    { "ema_decay|ema_rate|ema_alpha|polyak", "ema_momentum", NULL },
    { "accumulate|accumulation|accumulation_steps|grad_accum|accum|grad_accumulation_steps",
      "gradient_accumulation_steps", NULL },
    { "loss_scale|scale", "loss_scale_factor", NULL },
    { "ams|ams_grad", "amsgrad", NULL },
    { "nag|use_nesterov", "nesterov", NULL },
    { "gamma|rate|factor|decay|drop", "decay_rate", NULL },
    { "gamma|decay_rate|drop", "factor", NULL },
    { "step_size|epochs|every|drop_every|epochs_drop|step", "decay_epochs", NULL },
    { "t_max|tmax|steps|total_steps|step_size|total_iters|n_steps|max_steps|iterations|num_steps|T",
      "decay_steps", NULL },
    { "t_0|t0|t_max|steps|decay_steps|total_steps|first_steps", "first_decay_steps", NULL },
    { "steps|t_max|num_steps|decay_steps|total|epochs", "total_steps", NULL },
    { "t_mult|tmult|mult|mul", "t_mul", NULL },
    { "milestones|bounds|steps|epochs|boundary|decay_steps", "boundaries", NULL },
    { "rates|lrs|learning_rates|value", "values", NULL },
    { "warmup|warm_up|warmup_epochs|warmup_iters|num_warmup_steps|warm_up_steps|warmup_length",
      "warmup_steps", NULL },
    { "warmup_lr|warmup_init|warmup_learning_rate|start_factor", "warmup_start", NULL },
    { "pow|exponent|p", "power", NULL },
    { "anneal|strategy", "anneal_strategy", NULL },
    { "wait|n|epochs|rounds|early_stopping_rounds", "patience", NULL },
    { "metric|watch|quantity|score|objective|target", "monitor", NULL },
    { "delta|min_change|tol|tolerance|threshold|epsilon|eps", "min_delta", NULL },
    { "restore|restore_best|best|restore_weights|load_best|load_best_model_at_end",
      "restore_best_weights", NULL },
    { "start|start_epoch|min_epochs|warmup", "start_from_epoch", NULL },
    { "cool_down|cooldown_epochs", "cooldown", NULL },
    { "path|file|filename|name|output|save_path|dirpath|dir|checkpoint|model", "filepath", NULL },
    { "path|file|filepath|name|output|log|csv", "filename", NULL },
    { "save_best|best_only|best|save_top_k", "save_best_only", NULL },
    { "period|every|freq|frequency|save_every|every_n_epochs|save_period", "save_freq", NULL },
    { "save_weights_only|weights_only|save_format", NULL,
      "Every file contains the whole model: weights, architecture and class names." },
    { "sep|delimiter|delim", "separator", NULL },
    { "add|append_mode|mode", "append", NULL },
    { "verbose|verbosity|v|log", NULL,
      "What a callback does is always reported, unless --quiet is given." },
    { "count|n|n_train|size|train_size|images|samples|num_samples|num_train|training", "train",
      NULL },
    { "n_test|test_size|num_test|testing|val|validation|eval", "test", NULL },
    { "lr|learning_rate|rate", NULL, "The factor multiplies the learning rate; min_lr bounds it." },
    { "exclude", "exclude_layers", NULL },
    { "degrees|angle|degree|range|rotation_range|max_rotation|zoom_range|rate", "factor",
      "The factor of a rotation is a fraction of a full turn: 0.05 is 18 degrees." },
    { "p|prob|probability|proba", NULL, "Every image is augmented with new random values." },
    { "horizontal|vertical|direction|axis", "mode", NULL },
};

/* Of callbacks. */
static const cvy_synonym monitors[] = {
    { "val_acc|valid_acc|validation_accuracy|valid_accuracy|val_sparse_categorical_accuracy|"
      "val_categorical_accuracy|test_accuracy|test_acc|val_top1|val_accuracy_score|metrics_"
      "accuracy_top1",
      "val_accuracy", NULL },
    { "acc|train_acc|train_accuracy|training_accuracy|sparse_categorical_accuracy|categorical_"
      "accuracy|top1",
      "accuracy", NULL },
    { "validation_loss|valid_loss|test_loss|val|val_error|eval_loss|val_cost|val_mse", "val_loss",
      NULL },
    { "train_loss|training_loss|error|cost|mse", "loss", NULL },
};

static const cvy_synonym activations[] = {
    { "none|identity|id|null|no", "linear", NULL },
    { "rectifier|rectified_linear|relu_v2|relu_6|nn.relu", "relu", NULL },
    { "relu6|crelu|threshold|prelu", "relu6", NULL },
    { "relu6|crelu|threshold|prelu|mish|hardswish|hard_swish", "relu", NULL },
    { "lrelu|leaky|leakyrelu|prelu", "leaky_relu", NULL },
    { "swish|silu|sil", "silu", NULL },
    { "swish|silu|mish|hard_silu|softplus", "gelu", NULL },
    { "selu|celu", "elu", NULL },
    { "logistic|sigm|hard_sigmoid|log_sigmoid|expit", "sigmoid", NULL },
    { "hard_tanh|hardtanh|softsign|htan", "tanh", NULL },
    { "log_softmax|logsoftmax|sparsemax|softmax2d", "softmax", NULL },
};

static const cvy_synonym initializers[] = {
    { "xavier|glorot|xavier_uniform|xavier_uniform_|glorotuniform", "glorot_uniform", NULL },
    { "xavier_normal|xavier_normal_", "glorot_normal", NULL },
    { "he|kaiming|kaiming_normal|kaiming_normal_|msra|henormal", "he_normal", NULL },
    { "kaiming_uniform|kaiming_uniform_|default", "he_uniform", NULL },
    { "lecun", "lecun_normal", NULL },
    { "normal|gaussian|randn|normal_|random", "random_normal", NULL },
    { "uniform|rand|uniform_", "random_uniform", NULL },
    { "trunc_normal|truncated|trunc_normal_", "truncated_normal", NULL },
    { "zero|zeros_|0", "zeros", NULL },
    { "one|ones_|1", "ones", NULL },
    { "const|fill|constant_", "constant", NULL },
    { "orthogonal|identity|variance_scaling|eye|dirac", "glorot_uniform", NULL },
};

static const cvy_synonym data_sets[] = {
    { "synthetic|builtin|built-in|generated|fake|toy|demo|digit|default|random|dummy|numbers|"
      "sample",
      "digits", NULL },
    { "mnist", NULL,
      "Download MNIST with `convoy data fetch mnist`, then give its folder: --data mnist/." },
    { "fashion|fashion_mnist|fashionmnist|kmnist|emnist|qmnist", NULL,
      "Download it with `convoy data fetch` (fashion-mnist, kmnist or emnist), then give its "
      "folder." },
    { "tfds|huggingface|hf|torchvision|keras|sklearn|kaggle|openml|datasets", NULL,
      "First save the data set as pictures or with numpy.savez(); convoy data fetch mnist "
      "downloads MNIST." },
    { "0.[0-9]*|.[0-9]*|[0-9]*%", NULL,
      "A fraction of the training images is held out with --validation-split." },
    { "cifar|cifar10", NULL,
      "Download CIFAR-10 with `convoy data fetch cifar-10`, then give its folder." },
    { "cifar100", NULL, "Unpack the binary version of CIFAR-100 and give its folder." },
    { "svhn|imagenet|coco|coco8|coco128|imagenette|stl10|celeba|cats_vs_dogs", NULL,
      "Give the folder of its pictures, with a folder for each class." },
};

/* Of `convoy data fetch`. */
static const cvy_synonym remote_data_sets[] = {
    { "fashion|fashion_mnist|fashionmnist|fmnist", "fashion-mnist", NULL },
    { "cifar|cifar10|cifar_10", "cifar-10", NULL },
    { "emnist_letters|emnist_balanced|emnist_byclass|letters", "emnist", NULL },
    { "digits|synthetic", NULL,
      "The built-in digits need no download: convoy train --data digits." },
    { "*://*|*.zip|*.gz", NULL,
      "convoy fetches data sets by name; download other files with curl -LO URL." },
    { "cifar100|cifar_100|svhn|imagenet|coco|coco8|imagenette|stl10|celeba|usps|kaggle|all", NULL,
      "Download it yourself, then give its folder: convoy train --data FOLDER." },
};

static const cvy_synonym models[] = {
    { "lenet|le_net|lenet_5|default|small|simple", "lenet5", NULL },
    { "cnn|conv|convnet|conv_net|mnist|mnist_cnn_keras|keras|mnistcnn|net", "mnist-cnn", NULL },
    { "dense|ffn|mlp_1|fc|feedforward|linear|logistic|perceptron|fully_connected|dnn", "mlp",
      NULL },
    { "batchnorm|batch_norm|cnn_batchnorm|bn", "cnn-bn", NULL },
    { "quick|speed|record", "fast", NULL },
    { "resnet|resnet_20|resnet18|resnet34|resnet50|resnet101|resnet152|resnext", "resnet20",
      "Other networks are described in a .json file, as Keras's model.to_json() writes it." },
    { "googlenet|inceptionv3|inception_v3|inception_v1", "inception",
      "Other networks are described in a .json file, as Keras's model.to_json() writes it." },
    { "resnet|resnet18|resnet34|resnet50|resnet101|vgg|vgg11|vgg16|vgg19|alexnet|mobilenet|"
      "mobilenetv2|"
      "mobilenet_v2|efficientnet|efficientnet_b0|densenet|densenet121|inception|xception|googlenet|"
      "squeezenet|unet|vit|yolo|yolov5|yolov8|yolov8n|yolov8n-cls|yolo11n|transformer|convnext",
      NULL, "Other networks are described in a .json file, as Keras's model.to_json() writes it." },
};

static const cvy_synonym augmentations[] = {
    { "flip|hflip|fliplr|horizontal_flip|randomhorizontalflip|random_horizontal_flip|mirror|"
      "random_flip_left_right|vflip|flipud|vertical_flip|randomverticalflip|flip_left_right",
      "random_flip", NULL },
    { "rotation|rotate|degrees|rotation_range|randomrotate|random_rotate|angle", "random_rotation",
      NULL },
    { "translation|translate|shift|width_shift_range|height_shift_range|random_shift|move|"
      "random_translate|crop|random_crop|randomcrop|pad",
      "random_translation", NULL },
    { "zoom|zoom_range|scale|random_scale|randomresizedcrop|random_resized_crop|resize|"
      "randomscale",
      "random_zoom", NULL },
    { "shear|shear_range|perspective|random_perspective", "random_shear", NULL },
    { "affine|randomaffine|random_affine|shiftscalerotate", "random_rotation",
      "Combine random_rotation, random_zoom, random_translation and random_shear, each with its "
      "own --augment." },
    { "brightness|brightness_range|hsv_v|lighting", "random_brightness", NULL },
    { "contrast|randomcontrast", "random_contrast", NULL },
    { "colorjitter|color_jitter|jitter|hsv|hsv_h|hsv_s|hue|saturation|color|photometric",
      "random_brightness", "Add --augment random_contrast if you need it." },
    { "cutout|erasing|erase|randomerasing|coarsedropout|coarse_dropout|mask|occlusion|gridmask",
      "random_erasing", NULL },
    { "elastic|elastictransform|elastic_transform|distortion|warp", "random_elastic", NULL },
    { "mix|mix_up|manifold_mixup", "mixup", NULL },
    { "cut_mix|mosaic", "cutmix", NULL },
    { "auto|autoaugment|auto_augment|randaugment|rand_augment|trivialaugment|trivialaugmentwide|"
      "augmix|all|default|true|yes",
      NULL, "Name each augmentation: --augment random_rotation --augment random_zoom." },
    { "none|no|false|off|0", NULL, "Without --augment, images are used unchanged." },
    { "normalize|normalise|rescale|rescaling|totensor|to_tensor|normalization", NULL,
      "--normalize scales the pixels." },
    { "grayscale|randomgrayscale|rgb2gray", NULL, "--grayscale reads images without color." },
    { "blur|gaussianblur|gaussian_blur|noise|gaussian_noise|gaussnoise|sharpness|invert|solarize|"
      "posterize|equalize",
      NULL, "convoy info --augmentations lists the augmentations." },
};

#define LIST(name, rows)                                                                           \
    {                                                                                              \
        name, rows, sizeof(rows) / sizeof(*(rows))                                                 \
    }
const cvy_synonym_list cvy_kind_synonyms[] = {
    LIST("optimizer", optimizers),
    LIST("learning rate", schedules),
    LIST("loss", losses),
    LIST("metric", metrics),
    LIST("callback", callbacks),
    LIST("augmentation", augmentations),
    LIST("setting", settings),
    LIST("monitor", monitors),
    LIST("activation", activations),
    LIST("initializer", initializers),
    LIST("data set", data_sets),
    LIST("remote data set", remote_data_sets),
    LIST("model", models),
    { NULL, NULL, 0 },
};
