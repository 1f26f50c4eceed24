using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>A result of a query as naive code writes it.</summary>
internal static class ResultLine
{
    public static string Of(JsonNode? result) => string.Create(
        CultureInfo.InvariantCulture,
        $"{result!["label"]} | {Group(result)} | {result["compare"]} | {string.Join(' ', result["data"]!.AsArray().Select(Show))} | {string.Join(' ', result["labels"]!.AsArray())} | {Show(result["value"])}");

    // Without a breakdown the group is null as well: only a query with one can tell, and naive lines are empty there.
    private static string Group(JsonNode result) => result["breakdown_value"] is not { } value
        ? ""
        : value.GetValueKind() == JsonValueKind.Number ? ((decimal)value).ToString("0.###", CultureInfo.InvariantCulture) : value.ToString();

    private static string Show(JsonNode? number) => NaiveQuery.Show((double?)number);
}
