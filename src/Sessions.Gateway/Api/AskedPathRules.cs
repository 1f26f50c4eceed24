using System.Text.Json;
using Sessions.Gateway.Api.Querying;

namespace Sessions.Gateway.Api;

/// <summary>Reads path rules: <c>[{"regex","replacement"}]</c>.</summary>
internal static class AskedPathRules
{
    private const string Field = "path_cleaning";

    public static IReadOnlyList<ProjectPathRule>? Read(AskedFields fields, JsonElement rules)
    {
        if (rules.ValueKind != JsonValueKind.Array)
        {
            fields.Refuse(Field, "must be a list of rules");
            return null;
        }

        return [.. rules.EnumerateArray().Select((rule, i) =>
        {
            JsonFields its = new(fields, $"{Field}[{i}]", rule, ["regex", "replacement"]);
            // What is missing is named by the check of the change.
            return new ProjectPathRule(its.Text("regex")!, its.Text("replacement")!);
        })];
    }
}
