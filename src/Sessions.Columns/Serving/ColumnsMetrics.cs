using System.Diagnostics.Metrics;

namespace Sessions.Columns.Serving;

/// <summary>The metrics of the process: the meter <c>Sessions.Columns</c>.</summary>
internal sealed class ColumnsMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Sessions.Columns";

    private static readonly string[] Outcomes = ["answered", "unavailable", "refused", "late", "left", "failed"];

    private readonly Histogram<double> _questions;

    /// <summary>Makes the instruments.</summary>
    public ColumnsMetrics(IMeterFactory meters, OpenProjects projects)
    {
        Meter meter = meters.Create(MeterName);
        _questions = meter.CreateHistogram<double>(
            "sessions.columns.questions",
            "s",
            $"How long questions to the columns took, by outcome: {string.Join(", ", Outcomes)}. Postgres answers those that were unavailable or failed.");
        meter.CreateObservableGauge("sessions.columns.projects", () => projects.Open.Count(project => project.State is not null), "{project}", "Projects whose files are open.");
        meter.CreateObservableGauge("sessions.columns.building", () => projects.Open.Count(project => project.Built is not null), "{project}", "Projects whose files are being written from Postgres.");
        meter.CreateObservableGauge("sessions.columns.bytes", projects.Bytes, "By", "The size of all files of the columns.");
    }

    /// <summary>Counts a question.</summary>
    public void Answered(string outcome, TimeSpan took) =>
        _questions.Record(took.TotalSeconds, new KeyValuePair<string, object?>("outcome", outcome));
}
