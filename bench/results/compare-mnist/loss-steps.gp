# gnuplot loss-steps.gp draws loss-steps.svg from the CSV file beside it.
set encoding utf8
set datafile separator ','
set datafile missing ''
set terminal svg size 520,433 font 'Helvetica,14' background rgb 'white'
set output 'loss-steps.svg'
set multiplot
unset key
set border 3 linecolor rgb 'black'
set tics nomirror out scale 0.5
set label 1 'Training loss' at screen 0.015,0.9630 left noenhanced font ',15'
set label 2 'median and quartiles, n = 10 seeds' at screen 0.015,0.9192 left noenhanced font ',12.5' textcolor rgb '#5a626c'
set lmargin at screen 0.13
set rmargin at screen 0.66
set tmargin at screen 0.7552
set bmargin at screen 0.2818
set yrange [-1.50128653:0.0635241053]
set ytics ('0.05' -1.30103, '0.1' -1, '0.2' -0.698970004, '0.5' -0.301029996, '1' 0)
set xrange [0:2532]
set xtics ('0' 0, '500' 500, '1,000' 1000, '1,500' 1500, '2,000' 2000, '2,500' 2500) offset 0,0.3
unset xtics
set border 7
set x2range [0:2532]
set x2tics ('0' 0, '1' 844, '2' 1688, '3' 2532) offset 0,-0.4
set x2label 'epochs' offset 0,-0.8
set arrow from graph 1.0050,0.0598 to graph 1.05,0.0598 nohead linewidth 2 dashtype 1 linecolor rgb '#0072b2'
set label 'adagrad' at graph 1.065,0.0598 left noenhanced font ',12'
set arrow from graph 1.0050,0.0662 to graph 1.05,0.1428 nohead linewidth 2 dashtype 1 linecolor rgb '#009e73'
set label 'rmsprop' at graph 1.065,0.1428 left noenhanced font ',12'
set arrow from graph 1.0050,0.0770 to graph 1.05,0.2257 nohead linewidth 2 dashtype 1 linecolor rgb '#cc79a7'
set label 'momentum' at graph 1.065,0.2257 left noenhanced font ',12'
set arrow from graph 1.0050,0.0849 to graph 1.05,0.3086 nohead linewidth 2 dashtype 1 linecolor rgb '#56b4e9'
set label 'nesterov' at graph 1.065,0.3086 left noenhanced font ',12'
set arrow from graph 1.0050,0.0855 to graph 1.05,0.3915 nohead linewidth 2 dashtype 1 linecolor rgb '#e69f00'
set label 'sgd' at graph 1.065,0.3915 left noenhanced font ',12'
set arrow from graph 1.0050,0.0870 to graph 1.05,0.4745 nohead linewidth 2 dashtype 1 linecolor rgb '#d55e00'
set label 'adam' at graph 1.065,0.4745 left noenhanced font ',12'
plot \
  'bands.csv' skip 1 index 5 using ($2):(log10($8)):(log10($9)) with filledcurves fillstyle transparent solid 0.16 noborder linecolor rgb '#56b4e9', \
  'bands.csv' skip 1 index 4 using ($2):(log10($8)):(log10($9)) with filledcurves fillstyle transparent solid 0.16 noborder linecolor rgb '#e69f00', \
  'bands.csv' skip 1 index 3 using ($2):(log10($8)):(log10($9)) with filledcurves fillstyle transparent solid 0.16 noborder linecolor rgb '#cc79a7', \
  'bands.csv' skip 1 index 2 using ($2):(log10($8)):(log10($9)) with filledcurves fillstyle transparent solid 0.16 noborder linecolor rgb '#009e73', \
  'bands.csv' skip 1 index 1 using ($2):(log10($8)):(log10($9)) with filledcurves fillstyle transparent solid 0.16 noborder linecolor rgb '#d55e00', \
  'bands.csv' skip 1 index 0 using ($2):(log10($8)):(log10($9)) with filledcurves fillstyle transparent solid 0.16 noborder linecolor rgb '#0072b2', \
  'bands.csv' skip 1 index 5 using ($2):(log10($7)) with linespoints pointtype 7 pointsize 0.3 linewidth 2 dashtype 1 linecolor rgb '#56b4e9', \
  'bands.csv' skip 1 index 4 using ($2):(log10($7)) with linespoints pointtype 7 pointsize 0.3 linewidth 2 dashtype 1 linecolor rgb '#e69f00', \
  'bands.csv' skip 1 index 3 using ($2):(log10($7)) with linespoints pointtype 7 pointsize 0.3 linewidth 2 dashtype 1 linecolor rgb '#cc79a7', \
  'bands.csv' skip 1 index 2 using ($2):(log10($7)) with linespoints pointtype 7 pointsize 0.3 linewidth 2 dashtype 1 linecolor rgb '#009e73', \
  'bands.csv' skip 1 index 1 using ($2):(log10($7)) with linespoints pointtype 7 pointsize 0.3 linewidth 2 dashtype 1 linecolor rgb '#d55e00', \
  'bands.csv' skip 1 index 0 using ($2):(log10($7)) with linespoints pointtype 7 pointsize 0.3 linewidth 2 dashtype 1 linecolor rgb '#0072b2'
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
set xrange [0:2532]
set xtics ('0' 0, '500' 500, '1,000' 1000, '1,500' 1500, '2,000' 2000, '2,500' 2500) offset 0,0.3
set label 'learning rate' at graph 1.065,0.5 left font ',13'
set xlabel 'steps' offset 0,0.7
plot \
  'rates.csv' skip 1 index 5 using ($2):($4 > 0 ? log10($4) : NaN) with lines linewidth 1.5 dashtype 1 linecolor rgb '#56b4e9', \
  'rates.csv' skip 1 index 4 using ($2):($4 > 0 ? log10($4) : NaN) with lines linewidth 1.5 dashtype 1 linecolor rgb '#e69f00', \
  'rates.csv' skip 1 index 3 using ($2):($4 > 0 ? log10($4) : NaN) with lines linewidth 1.5 dashtype 1 linecolor rgb '#cc79a7', \
  'rates.csv' skip 1 index 2 using ($2):($4 > 0 ? log10($4) : NaN) with lines linewidth 1.5 dashtype 1 linecolor rgb '#009e73', \
  'rates.csv' skip 1 index 1 using ($2):($4 > 0 ? log10($4) : NaN) with lines linewidth 1.5 dashtype 1 linecolor rgb '#d55e00', \
  'rates.csv' skip 1 index 0 using ($2):($4 > 0 ? log10($4) : NaN) with lines linewidth 1.5 dashtype 1 linecolor rgb '#0072b2'
