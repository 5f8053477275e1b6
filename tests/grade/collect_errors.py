"""Runs mistakes of students with the installed Keras, and prints what they raise, as JSON.

Not a test: `python tests/grade/collect_errors.py > tests/grade/real_errors.json` renews the texts
that `test_diagnose.py` reads, after an update of Keras. Needs no network.
"""

import contextlib
import io
import json
import os
import re
import sys
import tempfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["IPYTHONDIR"] = tempfile.mkdtemp()

SETUP = """
import numpy as np, keras, tensorflow as tf
from keras import layers
x = np.zeros((8, 28, 28), "float32")
xf, y = np.zeros((8, 4), "float32"), np.arange(8) % 3
y1 = np.eye(3)[y]
def net(n=3, act="softmax"):
    return keras.Sequential([keras.Input((4,)), layers.Dense(n, activation=act)])
"""
SNIPPETS = {
    "output_shape": "net().layers[0].output_shape",
    "input_shape": "net().layers[0].input_shape",
    "np_utils": "from keras.utils import np_utils",
    "np_utils2": "import keras.utils.np_utils",
    "merge": "from keras.layers.merge import concatenate",
    "adam_lr": "keras.optimizers.Adam(lr=0.1)",
    "predict_classes": "net().predict_classes(xf)",
    "fit_generator": "net().fit_generator(xf)",
    "session": "tf.Session()",
    "contrib": "import tensorflow.contrib",
    "examples": "from tensorflow.examples.tutorials.mnist import input_data",
    "tflayers": "tf.layers.dense",
    "tflog": "tf.log(1.)",
    "idg": "keras.preprocessing.image.ImageDataGenerator()",
    "idg2": "from keras.preprocessing.image import ImageDataGenerator",
    "tok2": "from keras.preprocessing.text import Tokenizer",
    "wrappers": "from keras.wrappers.scikit_learn import KerasClassifier",
    "Kmean": "from keras import backend as K\nK.mean(xf)",
    "engine": "from keras.engine.topology import Layer",
    "vis": "from keras.utils.vis_utils import plot_model",
    "mgpu": "from keras.utils import multi_gpu_model",
    "cudnn": "layers.CuDNNLSTM(3)",
    "d2s": "i=keras.Input((4,4,4)); tf.nn.depth_to_space(i,2)",
    "cat_int": "m=net(); m.compile(loss='categorical_crossentropy'); m.fit(xf,y,verbose=0)",
    "sparse_onehot": "m=net(); m.compile(loss='sparse_categorical_crossentropy'); m.fit(xf,y1,verbose=0)",
    "cat_width": "m=net(5); m.compile(loss='categorical_crossentropy'); m.fit(xf,y1,verbose=0)",
    "sparse_range": "m=net(2); m.compile(loss='sparse_categorical_crossentropy'); m.fit(xf,y,verbose=0)",
    "bce_int": "m=net(3,'sigmoid'); m.compile(loss='binary_crossentropy'); m.fit(xf,y,verbose=0)",
    "mse_shape": "m=net(3,None); m.compile(loss='mse'); m.fit(xf,np.zeros((8,2)),verbose=0)",
    "in_shape": "m=net(); m.predict(np.zeros((8,5)),verbose=0)",
    "in_rank_conv": "m=keras.Sequential([keras.Input((28,28)),layers.Conv2D(3,3)])",
    "neg": "keras.Sequential([keras.Input((4,4,1)),layers.Conv2D(3,5)])",
    "negpool": "keras.Sequential([keras.Input((8,8,1)),layers.Conv2D(3,3),layers.MaxPooling2D(4),layers.Conv2D(3,3)])",
    "card": "m=net(); m.compile(loss='mse'); m.fit(xf,y1[:5],verbose=0)",
    "notcompiled": "net().fit(xf,y1)",
    "notbuilt": "m=keras.Sequential([layers.Dense(3)]); m.count_params()",
    "sw": "net().save_weights('x')",
    "save": "net().save('x')",
    "load": "keras.models.load_model('nothere.keras')",
    "loadh5": "keras.models.load_model('nothere.h5')",
    "acc": "{'accuracy':[1]}['acc']",
    "valacc": "m=net(); m.compile(loss='mse',metrics=['accuracy']); h=m.fit(xf,y1,verbose=0); h.history['val_acc']",
    "loss_fit": "m=net(); m.compile(loss='categorical_crossentrophy'); m.fit(xf,y1,verbose=0)",
    "module": "import mlxtend_missing",
    "sklearn_old": "from sklearn.cross_validation import train_test_split",
    "colab": "from google.colab import drive",
    "winpath": "p='C:\\Users\\me\\data'",
    "winpath2": "open('C:\\\\park\\\\data.csv')",
    "winnp": "np.load(r'C:\\data\\train.npz')",
    "pdcsv": "import pandas as pd\npd.read_csv('/content/drive/MyDrive/x.csv')",
    "content": "open('/content/x.csv')",
    "nofile": "np.load('trian.npz')",
    "ph": "x = ### YOUR CODE HERE",
    "ph2": "def f(x):\n    # YOUR CODE HERE\nf(1)",
    "ph3": "model.add(### )",
    "ph_un": "x = ____",
    "el_add": "1 + ...",
    "el_call": "(...)(1)",
    "el_attr": "f=...\nf.fit(1)",
    "el_iter": "for i in ...: pass",
    "el_float": "float(...)",
    "el_np": "np.zeros(...)",
    "el_dense": "layers.Dense(...)",
    "el_fit": "net().fit(...)",
    "el_astype": "np.array(...)/255.",
    "none_none": "model=None\nmodel.fit(xf,y1)",
    "name": "print(undefined_thing)",
    "stale": "MaxPooling2D = MaxPooling2D",
    "unbound": "def f():\n    z=z+1\nf()",
    "zerodiv": "1/0",
    "mem": "np.zeros((10**6,10**6,100))",
    "recursion": "def f(): return f()\nf()",
    "exit": "import sys; sys.exit(3)",
    "getfile": "keras.utils.get_file('abc.txt','http://nosuch.invalid/abc.txt')",
    "indent": "def f():\nreturn 1",
    "paren": "print((1)",
    "print2": "print 'a'",
    "quote": "print('a",
    "assertion": "assert 1==2",
    "broadcast": "np.zeros((3,2))+np.zeros((2,3))",
    "reshape": "np.zeros(10).reshape(3,3)",
    "argmissing": "def train(model): pass\ntrain(1,2)",
    "argmissing2": "def train(model,d): pass\ntrain(1)",
    "kwarg": "keras.layers.Dense(3,input_shap=(3,))",
    "nb_epoch": "m=net(); m.compile(loss='mse'); m.fit(xf,y1,nb_epoch=3)",
    "dense_outdim": "layers.Dense(output_dim=3)",
    "npfloat": "np.float(3)",
    "toarray": "df=__import__('pandas').DataFrame({'a':[1]}); df.append(df)",
    "kt_bool": "i=keras.Input((3,));\nif i: pass",
    "model_io": "keras.Model(input=1,output=2)",
    "seq_getlayer": "m=keras.Sequential(); m.predict(xf)",
    "strdt": "np.array(['a'],dtype=object).astype('float32')",
    "oom": "tf.zeros((10**7,10**5))",
    "emb": "m=keras.Sequential([layers.Embedding(5,2)]); m(np.array([[7]]))",
    "embfit": "m=keras.Sequential([layers.Embedding(5,2),layers.Flatten(),layers.Dense(1)]); m.compile(loss='mse'); m.fit(np.full((4,3),9),np.zeros(4),verbose=0)",
    "lstmrank": "keras.Sequential([keras.Input((4,)),layers.LSTM(3)])",
    "dense_flat": "keras.Sequential([keras.Input((4,4)),layers.Dense(3),layers.Flatten(),layers.Conv2D(3,3)])",
    "concat": "a=keras.Input((3,4));b=keras.Input((2,5));layers.Concatenate()([a,b])",
    "tfk": "from tensorflow.keras.layers.experimental import preprocessing",
    "lambda_ld": "layers.LeakyReLU(alpha=0.1); layers.LeakyReLU(alph=1)",
    "datasets": "keras.datasets.mnist.load_data()",
    "attr_str": "'a'.foo",
    "index": "[1,2][5]",
    "unpack": "a,b=1,2,3",
    "matmul": "np.zeros((3,2))@np.zeros((3,3))",
    "input_shape_layer": "m=net(); m.compile(loss='mse'); m(np.zeros((2,2,2,2)))",
    "not_implemented": "raise NotImplementedError",
    "none_is_none": "None = None",
    "none_marked": "model = None  # YOUR CODE HERE\nmodel.fit(xf,y1)",
    "ellipsis_left": "y1 = ...\nnet().fit(xf,y1)",
    "no_keras_file_op": "import os; os.listdir('/content/drive')",
    "windows_joined": "import os; os.listdir(os.path.abspath('C:\\\\data\\\\CNN'))",
    "windows_slash": "open('C:/data/train.npz')",
    "tf_unknown": "tf.get_default_graph()",
    "no_submodule": "import keras.datasets.nope",
    "key": "{'a': 1}['b']",
    "missing_np": "del np\nnp.zeros(3)",
}


def collect():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    shell.InteractiveTB.set_mode("Minimal")
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return {case: run(shell, source) for case, source in SNIPPETS.items()}


def run(shell, source):
    shell.reset()
    shell.run_cell(SETUP)
    done = shell.run_cell(source)
    error = done.error_before_exec or done.error_in_exec
    text = re.sub(r'^  File ".*\n\n?', "", str(error), flags=re.MULTILINE)
    text = text.replace(sys.prefix, "/venv").replace(str(Path.cwd()), "/home/student")
    return {"source": source, "name": type(error).__name__, "text": text}


if __name__ == "__main__":
    json.dump(collect(), sys.stdout, ensure_ascii=False, indent=1)
