using System.Globalization;
using System.Text;
using Sessions.Web.Api;
using Sessions.Web.Layout;

namespace Sessions.Web.Analytics;

/// <summary>The explorer's table as CSV. Numbers are whole and plain, as programs read them.</summary>
internal static class ExploreCsv
{
    /// <summary>Writes the table.</summary>
    public static string Of(ExploreView view, PageContext pageContext)
    {
        Csv csv = new(runs: false);
        StringBuilder text = new();
        bool hasPoints = view.State.Form.Interval is not null && view.Lines.Count > 0;
        csv.AppendNames(text, ["result", "period", "whole range", .. hasPoints ? view.Lines[0].Starts.Select(Time) : []]);
        foreach ((string name, QueryLine line) in view.Named)
        {
            csv.AppendLine(
                text,
                [
                    new CsvValue(name),
                    new CsvValue(line.IsPrevious ? "previous" : "current"),
                    Number(line.Value),
                    .. hasPoints ? line.Points.Select(Number) : [],
                ]);
        }

        return text.ToString();

        // In the project's time zone, as the page shows it.
        string Time(DateTimeOffset start) => TimeZoneInfo.ConvertTime(start, pageContext.Zone).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

        static CsvValue Number(double? number) => new(number?.ToString("R", CultureInfo.InvariantCulture), IsNumber: true);
    }
}
