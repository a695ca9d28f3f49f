# gnuplot val_loss-seconds.gp draws val_loss-seconds.svg from the CSV file beside it.
set encoding utf8
set datafile separator ','
set datafile missing ''
set terminal svg size 520,433 font 'Helvetica,14' background rgb 'white'
set output 'val_loss-seconds.svg'
set multiplot
unset key
set border 3 linecolor rgb 'black'
set tics nomirror out scale 0.5
set label 1 'Validation loss' at screen 0.015,0.9630 left noenhanced font ',15'
set label 2 'median and quartiles, n = 10 seeds' at screen 0.015,0.9192 left noenhanced font ',12.5' textcolor rgb '#5a626c'
set lmargin at screen 0.13
set rmargin at screen 0.66
set tmargin at screen 0.8753
set bmargin at screen 0.2818
set yrange [-1.3852844:-0.499504417]
set ytics ('0.05' -1.30103, '0.1' -1, '0.2' -0.698970004)
set xrange [0:10.3793872]
set xtics ('0' 0, '2' 2, '4' 4, '6' 6, '8' 8, '10' 10) offset 0,0.3
unset xtics
set arrow from graph 1.0050,0.0436 to graph 1.05,0.0436 nohead linewidth 2 dashtype 1 linecolor rgb '#d55e00'
set label 'adam' at graph 1.065,0.0436 left noenhanced font ',12'
set arrow from graph 0.5589,0.0586 to graph 1.05,0.1098 nohead linewidth 0.5 dashtype 1 linecolor rgb '#cc79a7'
set label 'momentum' at graph 1.065,0.1098 left noenhanced font ',12'
set arrow from graph 0.5700,0.0609 to graph 1.05,0.1759 nohead linewidth 0.5 dashtype 1 linecolor rgb '#0072b2'
set label 'adagrad' at graph 1.065,0.1759 left noenhanced font ',12'
set arrow from graph 0.5639,0.0611 to graph 1.05,0.2421 nohead linewidth 0.5 dashtype 1 linecolor rgb '#009e73'
set label 'rmsprop' at graph 1.065,0.2421 left noenhanced font ',12'
set arrow from graph 0.5587,0.0622 to graph 1.05,0.3082 nohead linewidth 0.5 dashtype 1 linecolor rgb '#e69f00'
set label 'sgd' at graph 1.065,0.3082 left noenhanced font ',12'
set arrow from graph 0.5682,0.1012 to graph 1.05,0.3744 nohead linewidth 0.5 dashtype 1 linecolor rgb '#56b4e9'
set label 'nesterov' at graph 1.065,0.3744 left noenhanced font ',12'
plot \
  'bands.csv' skip 1 index 5 using ($4):(log10($11)):(log10($12)) with filledcurves fillstyle transparent solid 0.16 noborder linecolor rgb '#56b4e9', \
  'bands.csv' skip 1 index 4 using ($4):(log10($11)):(log10($12)) with filledcurves fillstyle transparent solid 0.16 noborder linecolor rgb '#e69f00', \
  'bands.csv' skip 1 index 3 using ($4):(log10($11)):(log10($12)) with filledcurves fillstyle transparent solid 0.16 noborder linecolor rgb '#cc79a7', \
  'bands.csv' skip 1 index 2 using ($4):(log10($11)):(log10($12)) with filledcurves fillstyle transparent solid 0.16 noborder linecolor rgb '#009e73', \
  'bands.csv' skip 1 index 1 using ($4):(log10($11)):(log10($12)) with filledcurves fillstyle transparent solid 0.16 noborder linecolor rgb '#d55e00', \
  'bands.csv' skip 1 index 0 using ($4):(log10($11)):(log10($12)) with filledcurves fillstyle transparent solid 0.16 noborder linecolor rgb '#0072b2', \
  'bands.csv' skip 1 index 5 using ($4):(log10($10)) with linespoints pointtype 7 pointsize 0.3 linewidth 2 dashtype 1 linecolor rgb '#56b4e9', \
  'bands.csv' skip 1 index 4 using ($4):(log10($10)) with linespoints pointtype 7 pointsize 0.3 linewidth 2 dashtype 1 linecolor rgb '#e69f00', \
  'bands.csv' skip 1 index 3 using ($4):(log10($10)) with linespoints pointtype 7 pointsize 0.3 linewidth 2 dashtype 1 linecolor rgb '#cc79a7', \
  'bands.csv' skip 1 index 2 using ($4):(log10($10)) with linespoints pointtype 7 pointsize 0.3 linewidth 2 dashtype 1 linecolor rgb '#009e73', \
  'bands.csv' skip 1 index 1 using ($4):(log10($10)) with linespoints pointtype 7 pointsize 0.3 linewidth 2 dashtype 1 linecolor rgb '#d55e00', \
  'bands.csv' skip 1 index 0 using ($4):(log10($10)) with linespoints pointtype 7 pointsize 0.3 linewidth 2 dashtype 1 linecolor rgb '#0072b2'
unset label
unset arrow
unset x2tics
unset x2label
set border 3
set xtics nomirror out scale 0.5
set tmargin at screen 0.2448
set bmargin at screen 0.1201
set yrange [-3.17609126:-0.823908741]
set ytics ('0.001' -3, '0.01' -2, '0.1' -1)
set xrange [0:10.3793872]
set xtics ('0' 0, '2' 2, '4' 4, '6' 6, '8' 8, '10' 10) offset 0,0.3
set label 'learning rate' at graph 1.065,0.5 left font ',13'
set xlabel 'seconds of training' offset 0,0.7
plot \
  'rates.csv' skip 1 index 5 using ($3):($4 > 0 ? log10($4) : NaN) with lines linewidth 1.5 dashtype 1 linecolor rgb '#56b4e9', \
  'rates.csv' skip 1 index 4 using ($3):($4 > 0 ? log10($4) : NaN) with lines linewidth 1.5 dashtype 1 linecolor rgb '#e69f00', \
  'rates.csv' skip 1 index 3 using ($3):($4 > 0 ? log10($4) : NaN) with lines linewidth 1.5 dashtype 1 linecolor rgb '#cc79a7', \
  'rates.csv' skip 1 index 2 using ($3):($4 > 0 ? log10($4) : NaN) with lines linewidth 1.5 dashtype 1 linecolor rgb '#009e73', \
  'rates.csv' skip 1 index 1 using ($3):($4 > 0 ? log10($4) : NaN) with lines linewidth 1.5 dashtype 1 linecolor rgb '#d55e00', \
  'rates.csv' skip 1 index 0 using ($3):($4 > 0 ? log10($4) : NaN) with lines linewidth 1.5 dashtype 1 linecolor rgb '#0072b2'
