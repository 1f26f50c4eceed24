using Sessions.Queries.Aggregates;
using Sessions.Web.Api;

namespace Sessions.Web.Analytics;

/// <summary>
/// A query on its way to an answer. A query with too many points is refused if its own dates are the reason. A query
/// over all time is cut to its latest part that fits, because the caller can't know how much data there is.
/// </summary>
internal sealed class PlannedAnswer
{
    private readonly QueryRequest _request;
    private readonly string _project;
    private readonly DateTimeOffset _first;
    private readonly DateTimeOffset _now;
    private readonly QueryOptions _options;

    private bool _isCut;
    private int _groups;

    /// <param name="request">The query.</param>
    /// <param name="project">The project of the sessions.</param>
    /// <param name="first">The start of its range.</param>
    /// <param name="now">The present.</param>
    /// <param name="options">The limits.</param>
    public PlannedAnswer(QueryRequest request, string project, DateTimeOffset first, DateTimeOffset now, QueryOptions options)
    {
        (_request, _project, _first, _now, _options) = (request, project, first, now, options);
        Plan(options.MaxBuckets);
    }

    /// <summary>The next aggregation to run; null when there is an answer.</summary>
    public Aggregation? Aggregation { get; private set; }

    /// <summary>The answer, when there is one.</summary>
    public Outcome<QueryResult>? Answer { get; private set; }

    /// <summary>Whether an answer may have this number of groups.</summary>
    public bool Fits(int groups)
    {
        _groups = groups;
        return groups * PointsInGroup(Aggregation!) <= _options.MaxPoints;
    }

    /// <summary>Processes the result of the aggregation; null when its groups did not fit.</summary>
    public void Take(AggregationResult? result)
    {
        Aggregation question = Aggregation!;
        if (result is not null)
        {
            AnswerWith(new(QueryResults.Of(_request, question, result, _now, _isCut)));
            return;
        }

        // A shorter range has no more groups, unless new ones have appeared since. Then it is shortened once more.
        int fewer = (int)Math.Min(
            question.Periods[0].Starts.Count - 1, _options.MaxPoints / ((long)Math.Max(1, _groups) * question.Series.Count));
        if (_request.From is null && _request.Interval is not null && fewer > 0)
        {
            Plan(fewer);
        }
        else
        {
            AnswerWith(new(RequestErrors.Refusal(
                "breakdown", $"gives too many series for the interval: an answer has at most {_options.MaxPoints} points")));
        }
    }

    private static long PointsInGroup(Aggregation asked) =>
        (long)asked.Periods.Sum(period => period.Starts.Count) * asked.Series.Count;

    private void Plan(int maxBuckets)
    {
        if (QueryPeriods.Of(_request, _first, _now, maxBuckets) is not { } periods)
        {
            AnswerWith(new(RequestErrors.Refusal(
                "interval", $"is too short for the range: a series has at most {_options.MaxBuckets} points")));
            return;
        }

        _isCut = periods.IsCut;
        Aggregation = new Aggregation(_project, periods.All, _request.Series, _request.Breakdown) { PointsOf = _request.PointsOf };
    }

    private void AnswerWith(Outcome<QueryResult> answer) => (Aggregation, Answer) = (null, answer);
}
