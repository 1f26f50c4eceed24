using System.Globalization;

namespace Sessions.Run.Import;

/// <summary>The result of an import, in words.</summary>
internal static class ImportSummary
{
    /// <summary>The lines to print.</summary>
    /// <param name="state">The state at the end of the import.</param>
    /// <param name="retentionDays">The project's retention in days.</param>
    public static IEnumerable<string> Of(ImportState state, int retentionDays)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"{state.Taken:N0} events are in project {state.Project}.");
        if (state is { TooOld: > 0, Taken: 0 })
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"The whole file is older than the {retentionDays} days that the project keeps. Change retention_days with PUT /api/project to keep it.");
        }
        else if (state.TooOld > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{state.TooOld:N0} events are older than the {retentionDays} days that the project keeps, and were left out.");
        }

        foreach ((string reason, long count) in state.LeftOut)
        {
            yield return Left(count, reason);
        }

        if (state.IsCutOff)
        {
            yield return Left(1, LeftOutReason.CutOff);
        }
    }

    private static string Left(long count, string reason) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} left out: {reason}")
        + (LeftOutReason.Explain(reason) is { } why ? $" ({why})" : "");
}
