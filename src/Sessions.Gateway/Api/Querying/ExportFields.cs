using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Sessions.Gateway.Access;
using Sessions.Grains;

namespace Sessions.Gateway.Api.Querying;

/// <summary>What a caller may say about an export, as the query string has it.</summary>
internal sealed record ExportFields(
    [property: FromQuery(Name = "format")] string? Format,
    [property: FromQuery(Name = "date_from")] string? DateFrom,
    [property: FromQuery(Name = "date_to")] string? DateTo,
    [property: FromQuery(Name = "timezone")] string? TimeZone,
    [property: FromQuery(Name = "filters")] string? Filters,
    [property: FromQuery(Name = "formulas")] string? Formulas);

/// <summary>The limits of exports; the configuration's section <c>Sessions:Export</c>.</summary>
public sealed class ExportOptions
{
    /// <summary>How long an export may take, its receiver's pace included. Default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How many exports a gateway works on at the same time; others wait. Default 2.</summary>
    [Range(1, 100)]
    public int AtOnce { get; set; } = 2;

    /// <summary>How long an export waits for its turn before it is answered with 503. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan WaitForTurn { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How much memory each sort and hash of an export may take. Default 32 MiB.</summary>
    [Range(1, 16 * 1024)]
    public int WorkMemoryMegabytes { get; set; } = 32;
}

/// <summary>What reading the fields of an export needs.</summary>
internal sealed record ExportNeeds(
    ProjectCache<QuerySettings> Settings, IOptions<ApiOptions> Options, Audit Audit, TimeProvider Time);

/// <summary>The turns of exports.</summary>
internal sealed class ExportTurns(IOptions<ExportOptions> options, TimeProvider time)
    : Turns(options.Value.AtOnce, options.Value.WaitForTurn, options.Value.Timeout, options.Value.WorkMemoryMegabytes, time);
