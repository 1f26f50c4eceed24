using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Sessions.Client.Projects;
using Sessions.Database.Properties;
using Sessions.Web.Access;
using Sessions.Web.Api;

namespace Sessions.Web.Exporting;

/// <summary>The query parameters of an export.</summary>
internal sealed record ExportFields(
    [property: FromQuery(Name = "format")] string? Format,
    [property: FromQuery(Name = "date_from")] string? DateFrom,
    [property: FromQuery(Name = "date_to")] string? DateTo,
    [property: FromQuery(Name = "timezone")] string? TimeZone,
    [property: FromQuery(Name = "filters")] string? Filters,
    [property: FromQuery(Name = "formulas")] string? Formulas);

/// <summary>The query parameters of an export of sessions.</summary>
internal sealed record SessionExportFields(
    [property: FromQuery(Name = "format")] string? Format,
    [property: FromQuery(Name = "date_from")] string? DateFrom,
    [property: FromQuery(Name = "date_to")] string? DateTo,
    [property: FromQuery(Name = "timezone")] string? TimeZone,
    [property: FromQuery(Name = "filters")] string? Filters,
    [property: FromQuery(Name = "formulas")] string? Formulas,
    [property: FromQuery(Name = "order")] string? Order,
    [property: FromQuery(Name = "columns")] string? Columns,
    [property: FromQuery(Name = "counted")] string? Counted)
{
    /// <summary>Those that every export has.</summary>
    public ExportFields All => new(Format, DateFrom, DateTo, TimeZone, Filters, Formulas);

    /// <summary>The properties to export; all of them when none is named.</summary>
    public IReadOnlyList<SessionProperty> ReadColumns(RequestErrors errors)
    {
        if (string.IsNullOrEmpty(Columns))
        {
            return SessionProperties.All;
        }

        List<SessionProperty> columns = [];
        foreach (string name in Columns.Split(',', StringSplitOptions.TrimEntries))
        {
            if (SessionProperties.Find(name) is not { } property || columns.Contains(property))
            {
                errors.Refuse("columns", "must be properties of a session with commas between them, each once, such as distinct_id,$start_timestamp");
                return SessionProperties.All;
            }

            columns.Add(property);
        }

        return columns;
    }
}

/// <summary>The limits of exports; the configuration's section <c>Sessions:Export</c>.</summary>
public sealed class ExportOptions
{
    /// <summary>Where these options are in the configuration.</summary>
    public const string Section = "Sessions:Export";

    /// <summary>How long an export may take, including a slow client. Default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The most exports that run in a gateway at the same time; others wait. Default 2.</summary>
    [Range(1, 100)]
    public int AtOnce { get; set; } = 2;

    /// <summary>How long an export waits for its turn before the gateway answers 503. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan WaitForTurn { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The memory of each sort and hash of an export. Default 32 MiB.</summary>
    [Range(1, 16 * 1024)]
    public int WorkMemoryMegabytes { get; set; } = 32;
}

/// <summary>The services that read the fields of an export.</summary>
internal sealed record ExportNeeds(
    ProjectCache<QuerySettings> Settings, IOptions<ApiOptions> Options, Audit Audit, TimeProvider Time);

/// <summary>Limits how many exports run at the same time.</summary>
internal sealed class ExportConcurrencyLimit(IOptions<ExportOptions> options, TimeProvider time)
    : ConcurrencyLimit(options.Value.AtOnce, options.Value.WaitForTurn, options.Value.Timeout, options.Value.WorkMemoryMegabytes, time);
