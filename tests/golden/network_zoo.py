"""Small networks in the manner of those that books and tutorials publish: name, function, loss."""

import keras
from keras import layers as L


def sequence(*layers):
    return keras.Sequential(list(layers))


def residual():
    """As in He et al. 2015: two blocks, the second with a stride and a projection."""
    def block(x, filters, stride):
        y = L.Conv2D(filters, 3, stride, padding="same", use_bias=False,
                     kernel_regularizer=keras.regularizers.L2(1e-3))(x)
        y = L.ReLU()(L.BatchNormalization(momentum=0.9)(y))
        y = L.BatchNormalization(momentum=0.9)(L.Conv2D(filters, 3, padding="same")(y))
        if stride > 1:
            x = L.Conv2D(filters, 1, stride, padding="same")(x)
        return L.Activation("relu")(L.add([x, y]))

    image = x = L.Input((12, 12, 3))
    for filters, stride in [(4, 1), (6, 2)]:
        x = block(L.Conv2D(filters, 1)(x) if stride == 1 else x, filters, stride)
    x = L.GlobalAveragePooling2D()(x)
    return keras.Model(image, L.Dense(5, activation="softmax")(x))


def excited():
    """Squeeze and excitation (Hu et al. 2018) over a separable convolution, with hard functions."""
    image = L.Input((12, 12, 1))
    x = L.SeparableConv2D(6, 3, depth_multiplier=2, activation="silu")(image)
    s = L.GlobalAveragePooling2D(keepdims=True)(x)
    s = L.Conv2D(6, 1, activation="hard_sigmoid")(L.Conv2D(3, 1, activation="relu")(s))
    x = L.Multiply()([x, s])
    y = L.Dense(6, activation="sigmoid")(L.GlobalMaxPooling2D()(x))
    x = L.Multiply()([y, x])  # a vector beside an image
    x = L.DepthwiseConv2D(3, strides=2, padding="same", activation="hard_silu")(x)
    return keras.Model(image, L.Dense(5)(L.Flatten()(x)))


def inception():
    image = L.Input((10, 10, 1))
    x = L.Rescaling(1 / 127.5, offset=-1)(image)
    towers = [L.Conv2D(3, 1, activation="elu")(x), L.Conv2D(3, 3, padding="same", activation="tanh")(x),
              L.Conv2D(2, 5, padding="same", activation="selu")(x),
              L.Conv2D(2, 1)(L.MaxPooling2D(3, 1, padding="same")(x))]
    x = L.Concatenate()(towers)
    x = L.Average()([L.Maximum()([x, L.Conv2D(10, 1)(x)]), L.Minimum()([x, L.Conv2D(10, 1)(x)])])
    x = L.Flatten()(L.AveragePooling2D(2)(x))
    return keras.Model(image, L.Dense(5, activation="softmax")(L.Dropout(0.4)(x)))


def hourglass():
    """Down and up again, as autoencoders do: transposed convolutions, both kinds of enlarging."""
    return sequence(
        L.Input((9, 9, 1)),
        L.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
        L.Conv2DTranspose(3, 3, strides=2, padding="same", activation="leaky_relu"),
        L.AveragePooling2D(2),
        L.UpSampling2D(2, interpolation="bilinear"), L.Cropping2D(((1, 0), (0, 2))),
        L.Conv2DTranspose(2, (2, 3), strides=(1, 2), use_bias=False),
        L.PReLU(shared_axes=[1, 2]), L.MaxPooling2D(2), L.UpSampling2D((1, 2)),
        L.Flatten(), L.Dense(5, activation="softmax"))


def normalized():
    """Every layer that normalizes, and numbers that the file gives."""
    return sequence(
        L.Input((8, 8, 3)),
        L.Normalization(mean=[120.0, 100.0, 90.0], variance=[3600.0, 2500.0, 4900.0]),
        L.Conv2D(8, 3), L.GroupNormalization(groups=4), L.Activation("gelu"),
        L.Conv2D(6, 3, padding="same"), L.LayerNormalization(axis=[1, 2, 3]), L.Activation("softplus"),
        L.RMSNormalization(), L.Conv2D(4, 3, kernel_constraint=keras.constraints.UnitNorm(axis=[0, 1, 2])),
        L.Permute((2, 3, 1)), L.Flatten(), L.LayerNormalization(), L.Dense(12, activation="mish"),
        L.UnitNormalization(), L.Dense(5, activation="softmax"))


def joined_sides():
    """Rows and columns joined, and layers of a vector."""
    image = L.Input((8, 6, 1))
    x = L.Conv2D(3, 3, padding="same", activation="relu")(image)
    y = L.Conv2D(3, 3, padding="same", dilation_rate=2, activation="softsign")(image)
    z = L.Concatenate(axis=2)([L.Cropping2D((0, 1))(y), L.Cropping2D((0, 2))(x)])
    x = L.ZeroPadding2D(((0, 1), (2, 0)))(L.Concatenate(axis=1)([x, z]))
    x = L.Flatten()(L.SpatialDropout2D(0.3)(L.MaxPooling2D(2)(x)))
    h = L.Dense(10, activation="relu6")(x)
    t = L.Dense(10, activation="sigmoid", bias_initializer="ones")(x)
    return keras.Model(image, L.Dense(1)(L.Concatenate()([L.Multiply()([h, t]), L.Subtract()([h, t])])))


def shares():
    """Sigmoids where cross-entropy expects probabilities that sum to 1."""
    return sequence(L.Input((8, 8, 1)), L.Flatten(), L.Dense(16, activation="tanh"),
                    L.Dense(5, activation="sigmoid"))


def mixer():
    """Tokens that are mixed along both sides (Tolstikhin et al. 2021), and layers for sequences."""
    image = L.Input((12, 10, 1))
    x = L.Conv2D(6, 4, 4)(L.Rescaling(1 / 255)(L.Resizing(16, 12)(image)))
    x = L.Reshape((12, 6))(x)
    y = L.Permute((2, 1))(L.LayerNormalization()(x))
    y = L.Permute((2, 1))(L.Dense(12)(L.Dense(8, activation="gelu")(y)))
    x = L.Add()([x, y])
    x = L.Conv1D(8, 3, strides=2, padding="same", activation="silu")(x)
    x = L.SeparableConv1D(8, 3, activation=L.PReLU(shared_axes=[1]))(L.ZeroPadding1D((1, 2))(x))
    x = L.Conv1DTranspose(6, 3, strides=2)(L.AveragePooling1D(2)(x))
    x = L.BatchNormalization(axis=1)(L.UpSampling1D(2)(x))
    return keras.Model(image, L.Dense(5)(L.GlobalAveragePooling1D()(L.Cropping1D((1, 2))(x))))


def attended():
    """Channel and spatial attention (CBAM, Woo et al. 2018), whose two Dense layers see two vectors, and a block of
    layers that is used twice: weights that several calls share, of every kind of gradient."""
    block = keras.Sequential([L.Conv2D(4, 3, padding="same", use_bias=False,
                                       kernel_regularizer=keras.regularizers.L2(1e-3)),
                              L.BatchNormalization(momentum=0.9), L.PReLU(shared_axes=[1, 2])], name="block")
    squeeze, excite = L.Dense(3, activation="tanh"), L.Dense(4, kernel_constraint=keras.constraints.UnitNorm())
    image = L.Input((9, 9, 1))
    x = block(block(block(L.Conv2D(4, 1)(image))))
    s = L.Add()([excite(squeeze(L.GlobalAveragePooling2D()(x))), excite(squeeze(L.GlobalMaxPooling2D()(x)))])
    x = L.Multiply()([x, L.Reshape((1, 1, 4))(L.Activation("sigmoid")(s))])
    narrow = L.Conv2D(2, 3, strides=2, activation="silu")
    x = L.Concatenate()([narrow(x), narrow(block(x))])
    return keras.Model(image, L.Dense(5, activation="softmax")(L.Flatten()(x)))


ALL = [
    ("residual", residual, None),
    ("excited", excited, None),
    ("inception", inception, None),
    ("hourglass", hourglass, None),
    ("normalized", normalized, "categorical_focal_crossentropy:from_logits=false"),
    ("mixer", mixer, None),
    ("joined sides", joined_sides, "binary_crossentropy:from_logits=true"),
    ("shares", shares, None),
    ("attended", attended, None),
    ("shares, Poisson", shares, "poisson"),
    ("shares, hinge", shares, "categorical_hinge"),
    ("shares, Huber", shares, "huber:delta=0.4"),
    ("shares, log cosh", shares, "log_cosh"),
    ("shares, binary", shares, "binary_crossentropy:from_logits=false"),
]
