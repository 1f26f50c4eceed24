using Microsoft.AspNetCore.Http;
using Sessions.Postgres.Queries.Aggregates;

namespace Sessions.Gateway.Api.Querying;

/// <summary>
/// A query on its way to an answer. When it has too many points it is refused, if its own dates are to blame; all time is
/// cut to its latest part that fits, for no caller can help what is stored.
/// </summary>
internal sealed class PlannedAnswer
{
    private readonly AskedQuery _asked;
    private readonly string _project;
    private readonly DateTimeOffset _first;
    private readonly DateTimeOffset _now;
    private readonly QueryOptions _options;

    private bool _isCut;
    private int _groups;

    /// <param name="asked">The query.</param>
    /// <param name="project">Whose sessions.</param>
    /// <param name="first">Where its range begins.</param>
    /// <param name="now">The present.</param>
    /// <param name="options">The limits.</param>
    public PlannedAnswer(AskedQuery asked, string project, DateTimeOffset first, DateTimeOffset now, QueryOptions options)
    {
        (_asked, _project, _first, _now, _options) = (asked, project, first, now, options);
        Plan(options.MaxBuckets);
    }

    /// <summary>What to ask next; null when there is an answer.</summary>
    public Aggregation? Aggregation { get; private set; }

    /// <summary>The answer, when there is one.</summary>
    public IResult? Answer { get; private set; }

    /// <summary>Whether so many groups may be answered with.</summary>
    public bool Fits(int groups)
    {
        _groups = groups;
        return groups * PointsInGroup(Aggregation!) <= _options.MaxPoints;
    }

    /// <summary>Takes what came of the question; null when its groups did not fit.</summary>
    public void Take(AggregationResult? result)
    {
        Aggregation question = Aggregation!;
        if (result is not null)
        {
            AnswerWith(new JsonAnswer(json => QueryJson.Write(json, _asked, question, result, _now, _isCut)));
            return;
        }

        // A shorter range has no more groups, unless some have come since: then it is shortened once more.
        int fewer = (int)Math.Min(
            question.Periods[0].Starts.Count - 1, _options.MaxPoints / ((long)Math.Max(1, _groups) * question.Series.Count));
        if (_asked.From is null && _asked.Interval is not null && fewer > 0)
        {
            Plan(fewer);
        }
        else
        {
            AnswerWith(AskedFields.Refusal(
                "breakdown", $"makes too many series for the interval: an answer has at most {_options.MaxPoints} points"));
        }
    }

    private static long PointsInGroup(Aggregation asked) =>
        (long)asked.Periods.Sum(period => period.Starts.Count) * asked.Series.Count;

    private void Plan(int maxBuckets)
    {
        if (QueryPeriods.Of(_asked, _first, _now, maxBuckets) is not { } periods)
        {
            AnswerWith(AskedFields.Refusal(
                "interval", $"is too short for the range: a series has at most {_options.MaxBuckets} points"));
            return;
        }

        _isCut = periods.IsCut;
        Aggregation = new Aggregation(_project, periods.All, _asked.Series, _asked.Breakdown);
    }

    private void AnswerWith(IResult answer) => (Aggregation, Answer) = (null, answer);
}
