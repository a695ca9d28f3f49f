# gnuplot sensitivity.gp draws sensitivity.svg from the CSV file beside it.
set encoding utf8
set datafile separator ','
set datafile missing ''
set terminal svg size 520,364 font 'Helvetica,14' background rgb 'white'
set output 'sensitivity.svg'
set multiplot
unset key
set border 3 linecolor rgb 'black'
set tics nomirror out scale 0.5
set label 1 'Validation accuracy by learning_rate' at screen 0.015,0.9560 left noenhanced font ',15'
set label 2 'n = 1 seed a trial; × diverged' at screen 0.015,0.9038 left noenhanced font ',12.5' textcolor rgb '#5a626c'
set lmargin at screen 0.13
set rmargin at screen 0.66
set tmargin at screen 0.8516
set bmargin at screen 0.1648
set xlabel 'learning_rate' noenhanced offset 0,0.7
set yrange [-0.0344439759:2.06711152]
set ytics ('0 %%' -3.61896989e-05, '60 %%' 0.39784954, '80 %%' 0.698789086, '90 %%' 0.999638239, '95 %%' 1.30030677, '98 %%' 1.6971642, '99 %%' 1.99639588)
set xrange [-4:1]
set xtics ('0.0001' -4, '0.001' -3, '0.01' -2, '0.1' -1, '1' 0, '10' 1) offset 0,0.3
set arrow from graph 0.9050,0.0370 to graph 1.05,0.0370 nohead linewidth 0.5 dashtype 1 linecolor rgb '#0072b2'
set label 'adagrad' at graph 1.065,0.0370 left noenhanced font ',12'
set arrow from graph 0.5050,0.0370 to graph 1.05,0.1050 nohead linewidth 0.5 dashtype 1 linecolor rgb '#009e73'
set label 'rmsprop' at graph 1.065,0.1050 left noenhanced font ',12'
set arrow from graph 0.8050,0.0370 to graph 1.05,0.1730 nohead linewidth 0.5 dashtype 1 linecolor rgb '#56b4e9'
set label 'nesterov' at graph 1.065,0.1730 left noenhanced font ',12'
set arrow from graph 0.9050,0.0376 to graph 1.05,0.2410 nohead linewidth 0.5 dashtype 1 linecolor rgb '#cc79a7'
set label 'momentum' at graph 1.065,0.2410 left noenhanced font ',12'
set arrow from graph 0.9050,0.0376 to graph 1.05,0.3090 nohead linewidth 0.5 dashtype 1 linecolor rgb '#e69f00'
set label 'sgd' at graph 1.065,0.3090 left noenhanced font ',12'
set arrow from graph 0.6050,0.0393 to graph 1.05,0.3770 nohead linewidth 0.5 dashtype 1 linecolor rgb '#d55e00'
set label 'adam' at graph 1.065,0.3770 left noenhanced font ',12'
plot \
  'sensitivity.csv' skip 1 index 0 using (log10($2)):(-log10((1-$3)+8.33333333e-05)) with linespoints pointtype 7 pointsize 0.4 linewidth 2 dashtype 1 linecolor rgb '#0072b2', \
  'sensitivity.csv' skip 1 index 0 using ($4 > 0 ? (log10($2)) : NaN):(0.049618244) with points pointtype 2 pointsize 0.7 linewidth 2 linecolor rgb '#0072b2', \
  'sensitivity.csv' skip 1 index 1 using (log10($2)):(-log10((1-$3)+8.33333333e-05)) with linespoints pointtype 7 pointsize 0.4 linewidth 2 dashtype 1 linecolor rgb '#d55e00', \
  'sensitivity.csv' skip 1 index 1 using ($4 > 0 ? (log10($2)) : NaN):(0.114065946) with points pointtype 2 pointsize 0.7 linewidth 2 linecolor rgb '#d55e00', \
  'sensitivity.csv' skip 1 index 2 using (log10($2)):(-log10((1-$3)+8.33333333e-05)) with linespoints pointtype 7 pointsize 0.4 linewidth 2 dashtype 1 linecolor rgb '#009e73', \
  'sensitivity.csv' skip 1 index 2 using ($4 > 0 ? (log10($2)) : NaN):(0.178513648) with points pointtype 2 pointsize 0.7 linewidth 2 linecolor rgb '#009e73', \
  'sensitivity.csv' skip 1 index 3 using (log10($2)):(-log10((1-$3)+8.33333333e-05)) with linespoints pointtype 7 pointsize 0.4 linewidth 2 dashtype 1 linecolor rgb '#cc79a7', \
  'sensitivity.csv' skip 1 index 3 using ($4 > 0 ? (log10($2)) : NaN):(0.24296135) with points pointtype 2 pointsize 0.7 linewidth 2 linecolor rgb '#cc79a7', \
  'sensitivity.csv' skip 1 index 4 using (log10($2)):(-log10((1-$3)+8.33333333e-05)) with linespoints pointtype 7 pointsize 0.4 linewidth 2 dashtype 1 linecolor rgb '#e69f00', \
  'sensitivity.csv' skip 1 index 4 using ($4 > 0 ? (log10($2)) : NaN):(0.307409052) with points pointtype 2 pointsize 0.7 linewidth 2 linecolor rgb '#e69f00', \
  'sensitivity.csv' skip 1 index 5 using (log10($2)):(-log10((1-$3)+8.33333333e-05)) with linespoints pointtype 7 pointsize 0.4 linewidth 2 dashtype 1 linecolor rgb '#56b4e9', \
  'sensitivity.csv' skip 1 index 5 using ($4 > 0 ? (log10($2)) : NaN):(0.371856754) with points pointtype 2 pointsize 0.7 linewidth 2 linecolor rgb '#56b4e9'
