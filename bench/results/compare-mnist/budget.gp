# gnuplot budget.gp draws budget.svg from the CSV file beside it.
set encoding utf8
set datafile separator ','
set datafile missing ''
set terminal svg size 520,364 font 'Helvetica,14' background rgb 'white'
set output 'budget.svg'
set multiplot
unset key
set border 3 linecolor rgb 'black'
set tics nomirror out scale 0.5
set label 1 'Best validation accuracy of so many trials' at screen 0.015,0.9560 left noenhanced font ',15'
set label 2 'expected; n = 1 seed a trial' at screen 0.015,0.9038 left noenhanced font ',12.5' textcolor rgb '#5a626c'
set lmargin at screen 0.13
set rmargin at screen 0.66
set tmargin at screen 0.8516
set bmargin at screen 0.1648
set xlabel 'trials' noenhanced offset 0,0.7
set yrange [0.195085427:2.05828347]
set ytics ('40 %%' 0.221788435, '80 %%' 0.698789086, '90 %%' 0.999638239, '95 %%' 1.30030677, '97 %%' 1.52167404, '99 %%' 1.99639588)
set xrange [1:11]
set xtics ('2' 2, '4' 4, '6' 6, '8' 8, '10' 10) offset 0,0.3
set arrow from graph 1.0050,0.9152 to graph 1.05,0.6600 nohead linewidth 2 dashtype 1 linecolor rgb '#cc79a7'
set label 'momentum' at graph 1.065,0.6600 left noenhanced font ',12'
set arrow from graph 1.0050,0.9183 to graph 1.05,0.7280 nohead linewidth 2 dashtype 1 linecolor rgb '#56b4e9'
set label 'nesterov' at graph 1.065,0.7280 left noenhanced font ',12'
set arrow from graph 1.0050,0.9278 to graph 1.05,0.7960 nohead linewidth 2 dashtype 1 linecolor rgb '#d55e00'
set label 'adam' at graph 1.065,0.7960 left noenhanced font ',12'
set arrow from graph 1.0050,0.9311 to graph 1.05,0.8640 nohead linewidth 2 dashtype 1 linecolor rgb '#e69f00'
set label 'sgd' at graph 1.065,0.8640 left noenhanced font ',12'
set arrow from graph 1.0050,0.9630 to graph 1.05,0.9320 nohead linewidth 2 dashtype 1 linecolor rgb '#0072b2'
set label 'adagrad' at graph 1.065,0.9320 left noenhanced font ',12'
set arrow from graph 1.0050,0.9630 to graph 1.05,1.0000 nohead linewidth 2 dashtype 1 linecolor rgb '#009e73'
set label 'rmsprop' at graph 1.065,1.0000 left noenhanced font ',12'
plot \
  'budget.csv' skip 1 index 0 using ($2):(-log10((1-$3)+8.33333333e-05)) with linespoints pointtype 7 pointsize 0.4 linewidth 2 dashtype 1 linecolor rgb '#0072b2', \
  'budget.csv' skip 1 index 0 using ($4 > 0 ? ($2) : NaN):(0.269613349) with points pointtype 2 pointsize 0.7 linewidth 2 linecolor rgb '#0072b2', \
  'budget.csv' skip 1 index 1 using ($2):(-log10((1-$3)+8.33333333e-05)) with linespoints pointtype 7 pointsize 0.4 linewidth 2 dashtype 1 linecolor rgb '#d55e00', \
  'budget.csv' skip 1 index 1 using ($4 > 0 ? ($2) : NaN):(0.326751422) with points pointtype 2 pointsize 0.7 linewidth 2 linecolor rgb '#d55e00', \
  'budget.csv' skip 1 index 2 using ($2):(-log10((1-$3)+8.33333333e-05)) with linespoints pointtype 7 pointsize 0.4 linewidth 2 dashtype 1 linecolor rgb '#009e73', \
  'budget.csv' skip 1 index 2 using ($4 > 0 ? ($2) : NaN):(0.383889495) with points pointtype 2 pointsize 0.7 linewidth 2 linecolor rgb '#009e73', \
  'budget.csv' skip 1 index 3 using ($2):(-log10((1-$3)+8.33333333e-05)) with linespoints pointtype 7 pointsize 0.4 linewidth 2 dashtype 1 linecolor rgb '#cc79a7', \
  'budget.csv' skip 1 index 3 using ($4 > 0 ? ($2) : NaN):(0.441027569) with points pointtype 2 pointsize 0.7 linewidth 2 linecolor rgb '#cc79a7', \
  'budget.csv' skip 1 index 4 using ($2):(-log10((1-$3)+8.33333333e-05)) with linespoints pointtype 7 pointsize 0.4 linewidth 2 dashtype 1 linecolor rgb '#e69f00', \
  'budget.csv' skip 1 index 4 using ($4 > 0 ? ($2) : NaN):(0.498165642) with points pointtype 2 pointsize 0.7 linewidth 2 linecolor rgb '#e69f00', \
  'budget.csv' skip 1 index 5 using ($2):(-log10((1-$3)+8.33333333e-05)) with linespoints pointtype 7 pointsize 0.4 linewidth 2 dashtype 1 linecolor rgb '#56b4e9', \
  'budget.csv' skip 1 index 5 using ($4 > 0 ? ($2) : NaN):(0.555303715) with points pointtype 2 pointsize 0.7 linewidth 2 linecolor rgb '#56b4e9'
