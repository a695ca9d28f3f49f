# gnuplot profile.gp draws profile.svg from the CSV file beside it.
set encoding utf8
set datafile separator ','
set datafile missing ''
set terminal svg size 520,364 font 'Helvetica,14' background rgb 'white'
set output 'profile.svg'
set multiplot
unset key
set border 3 linecolor rgb 'black'
set tics nomirror out scale 0.5
set label 1 'Performance profile' at screen 0.015,0.9560 left noenhanced font ',15'
set label 2 'share solved; n = 20 problems: a target on a seed' at screen 0.015,0.9038 left noenhanced font ',12.5' textcolor rgb '#5a626c'
set lmargin at screen 0.13
set rmargin at screen 0.66
set tmargin at screen 0.8516
set bmargin at screen 0.1648
set xlabel 'times the least steps' noenhanced offset 0,0.7
set yrange [0:1.02]
set ytics ('0' 0, '0.2' 0.2, '0.4' 0.4, '0.6' 0.6, '0.8' 0.8, '1.0' 1)
set xrange [1:4]
set xtics ('1.0' 1, '2.0' 2, '3.0' 3, '4.0' 4) offset 0,0.3
set arrow from graph 1.0050,0.9804 to graph 1.05,0.6600 nohead linewidth 2 dashtype 1 linecolor rgb '#0072b2'
set label 'adagrad' at graph 1.065,0.6600 left noenhanced font ',12'
set arrow from graph 1.0050,0.9804 to graph 1.05,0.7280 nohead linewidth 2 dashtype 1 linecolor rgb '#d55e00'
set label 'adam' at graph 1.065,0.7280 left noenhanced font ',12'
set arrow from graph 1.0050,0.9804 to graph 1.05,0.7960 nohead linewidth 2 dashtype 1 linecolor rgb '#009e73'
set label 'rmsprop' at graph 1.065,0.7960 left noenhanced font ',12'
set arrow from graph 1.0050,0.9804 to graph 1.05,0.8640 nohead linewidth 2 dashtype 1 linecolor rgb '#cc79a7'
set label 'momentum' at graph 1.065,0.8640 left noenhanced font ',12'
set arrow from graph 1.0050,0.9804 to graph 1.05,0.9320 nohead linewidth 2 dashtype 1 linecolor rgb '#e69f00'
set label 'sgd' at graph 1.065,0.9320 left noenhanced font ',12'
set arrow from graph 1.0050,0.9804 to graph 1.05,1.0000 nohead linewidth 2 dashtype 1 linecolor rgb '#56b4e9'
set label 'nesterov' at graph 1.065,1.0000 left noenhanced font ',12'
plot \
  'profile.csv' skip 1 index 0 using ($2):($3) with fsteps linewidth 2 dashtype 1 linecolor rgb '#0072b2', \
  'profile.csv' skip 1 index 1 using ($2):($3) with fsteps linewidth 2 dashtype 1 linecolor rgb '#d55e00', \
  'profile.csv' skip 1 index 2 using ($2):($3) with fsteps linewidth 2 dashtype 1 linecolor rgb '#009e73', \
  'profile.csv' skip 1 index 3 using ($2):($3) with fsteps linewidth 2 dashtype 1 linecolor rgb '#cc79a7', \
  'profile.csv' skip 1 index 4 using ($2):($3) with fsteps linewidth 2 dashtype 1 linecolor rgb '#e69f00', \
  'profile.csv' skip 1 index 5 using ($2):($3) with fsteps linewidth 2 dashtype 1 linecolor rgb '#56b4e9'
