# gnuplot differences.gp draws differences.svg from the CSV file beside it.
set encoding utf8
set datafile separator ','
set datafile missing ''
set terminal svg size 520,258 font 'Helvetica,14' background rgb 'white'
set output 'differences.svg'
set multiplot
unset key
set border 3 linecolor rgb 'black'
set tics nomirror out scale 0.5
set label 1 'adagrad minus each other' at screen 0.015,0.9380 left noenhanced font ',15'
set label 2 'dots: n = 10 seeds; median, its 95 % interval' at screen 0.015,0.8643 left noenhanced font ',12.5' textcolor rgb '#5a626c'
set lmargin at screen 0.3404
set rmargin at screen 0.7308
set tmargin at screen 0.7907
set bmargin at screen 0.2093
set border 1
set xrange [-0.75:0.65]
set xtics ('-0.5' -0.5, '0' 0, '0.5' 0.5) offset 0,0.3
set xlabel 'percentage points' offset 0,0.7
set yrange [0.4:5.6]
set ytics scale 0 ('adam' 5, 'rmsprop' 4, 'momentum' 3, 'sgd' 2, 'nesterov' 1) noenhanced font ',12'
set arrow from graph 0.53571, graph 0 to graph 0.53571, graph 1 nohead dashtype 3 linecolor rgb 'black'
set arrow from graph 0.39286, first 5 to graph 0.67262, first 5 nohead linewidth 5 linecolor rgb '#d55e00'
set arrow from graph 0.49405, first 4.7 to graph 0.49405, first 5.3 nohead linewidth 3 linecolor rgb 'black' front
set label 'not distinguishable' at graph 1.04, first 5 left noenhanced font ',12'
set arrow from graph 0.50000, first 4 to graph 0.63095, first 4 nohead linewidth 5 linecolor rgb '#009e73'
set arrow from graph 0.55952, first 3.7 to graph 0.55952, first 4.3 nohead linewidth 3 linecolor rgb 'black' front
set label 'not distinguishable' at graph 1.04, first 4 left noenhanced font ',12'
set arrow from graph 0.43452, first 3 to graph 0.67857, first 3 nohead linewidth 5 linecolor rgb '#cc79a7'
set arrow from graph 0.50000, first 2.7 to graph 0.50000, first 3.3 nohead linewidth 3 linecolor rgb 'black' front
set label 'not distinguishable' at graph 1.04, first 3 left noenhanced font ',12'
set arrow from graph 0.46429, first 2 to graph 0.72619, first 2 nohead linewidth 5 linecolor rgb '#e69f00'
set arrow from graph 0.54762, first 1.7 to graph 0.54762, first 2.3 nohead linewidth 3 linecolor rgb 'black' front
set label 'not distinguishable' at graph 1.04, first 2 left noenhanced font ',12'
set arrow from graph 0.46429, first 1 to graph 0.73810, first 1 nohead linewidth 5 linecolor rgb '#56b4e9'
set arrow from graph 0.57143, first 0.7 to graph 0.57143, first 1.3 nohead linewidth 3 linecolor rgb 'black' front
set label 'not distinguishable' at graph 1.04, first 1 left noenhanced font ',12'
plot 'differences.csv' skip 1 using ($4):(6 - $1) with points pointtype 7 pointsize 0.3 linecolor rgb 'black'
