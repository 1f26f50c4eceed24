using System.Globalization;
using System.Text;

namespace Sessions.Benchmarks.Reporting;

/// <summary>The figures as a Markdown table.</summary>
internal static class Table
{
    public static string Of(Bench bench)
    {
        StringBuilder text = new();
        foreach ((string name, string value) in bench.Facts)
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}: {value}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"machine: {Machine.Describe()}\n\n");
        string[][] rows =
        [
            ["", "figure", "measured", "yardstick", "ratio", "bar", "met"],
            .. bench.Figures.Select(figure => new[]
            {
                figure.Benchmark,
                figure.Name,
                $"{Number(figure.Value)} {figure.Unit}",
                figure.Yardstick is { } by ? $"{Number(by.Value)} {by.Name}" : "",
                figure.Ratio is { } ratio ? Number(ratio) : "",
                figure.Bar is { } bar ? $"{(bar.IsMost ? "≤ " : "≥ ")}{Number(bar.Good)}" : "",
                figure.IsMet is { } met ? met ? "yes" : "no" : "",
            }),
        ];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => Math.Max(3, rows.Max(row => row[column].Length)))];
        for (int i = 0; i < rows.Length; i++)
        {
            Append(text, rows[i], widths);
            if (i == 0)
            {
                Append(text, [.. widths.Select(width => new string('-', width))], widths);
            }
        }

        return text.ToString();
    }

    /// <summary>Three digits that count.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.#", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("0.##", CultureInfo.InvariantCulture),
        0 => "0",
        _ => value.ToString("0.0###", CultureInfo.InvariantCulture),
    };

    private static void Append(StringBuilder text, string[] cells, int[] widths)
    {
        for (int i = 0; i < cells.Length; i++)
        {
            text.Append("| ").Append(cells[i].PadRight(widths[i])).Append(' ');
        }

        text.Append("|\n");
    }
}
