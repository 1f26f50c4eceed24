using Microsoft.OpenApi;
using Sessions.Gateway.Access;
using Sessions.Domain.Webhooks;
using Sessions.Postgres;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Api;

/// <summary>The schemas of what the API answers and takes.</summary>
internal static class ApiSchemas
{
    public static void AddTo(OpenApiDocument document)
    {
        document.AddComponent("Session", Object(
            "One session. What it does not have is null.",
            [.. SessionProperties.All.Select(property => (property.Name, PropertySchema(property)))]));
        document.AddComponent("Event", Object(
            "An event that a session took.",
            ("session_id", Text("uuid")), ("event_id", Text("uuid")), ("timestamp", Text("date-time")), ("received_at", Text("date-time")),
            ("event", Text()), ("distinct_id", Text()), ("device_id", OrNull(Text())), ("window_id", OrNull(Text())),
            ("current_url", OrNull(Text())), ("pathname", OrNull(Text())), ("properties", Free())));
        document.AddComponent("SessionPage", Page("Session", document));
        document.AddComponent("EventPage", Page("Event", document));
        document.AddComponent("Live", Object(
            "Who is on now.", ("count", Whole()), ("sessions", List(new OpenApiSchemaReference("Session", document)))));
        document.AddComponent("Project", Free("A project's settings; a change names any of them."));
        (string, OpenApiSchema)[] key =
        [
            ("id", OrNull(Text("uuid"))), ("name", Text()), ("role", OneOf("read", "admin")), ("ending", OrNull(Text())), ("created_at", Text("date-time")),
        ];
        document.AddComponent("Key", Object("An API key; the configured one has no id.", key));
        document.AddComponent("KeyPage", Page("Key", document));
        document.AddComponent("AskedKey", Object("A key to make.", ("name", Text()), ("role", OneOf("read", "admin"))));
        document.AddComponent("NewKey", Object("A key that was made, and the key itself.", [.. key, ("key", Text())]));
        AddWebhooks(document);
        AddPersons(document);
        document.AddComponent("Query", Object(
            "What is asked for; only series is needed.",
            [
                ("date_from", OrNull(Text())), ("date_to", OrNull(Text())),
                ("interval", OrNull(OneOf("minute", "hour", "day", "week", "month"))), ("timezone", OrNull(Text())),
                ("series", List(Object(
                    "One series.",
                    ("event", OrNull(Text())),
                    ("math", OneOf(
                        "total", "unique_sessions", "unique_users", "avg", "sum", "min", "max", "median", "p75", "p90", "p95", "p99")),
                    ("property", OrNull(Text())), ("filters", Filters())))),
                ("formula", OrNull(Text())), ("filters", Filters()),
                ("breakdown", OrNull(Object(
                    "The groups.", ("property", Text()), ("bins", OrNull(Whole())), ("limit", Whole())))),
                ("compare", Bool()),
            ]));
        document.AddComponent("QueryAnswer", Object(
            "One result for each series or the formula, group and period. truncated: all time has more points than may be, these are the latest.",
            ("results", List(Object(
                "A line of points.",
                ("label", Text()), ("breakdown_value", Free()), ("compare", OneOf("current", "previous")),
                ("data", List(OrNull(Number()))), ("labels", List(Text("date-time"))), ("value", OrNull(Number()))))),
            ("truncated", Bool())));
        document.AddComponent("SqlQuery", Object("A query in SQL.", ("query", Text())));
        document.AddComponent("SqlAnswer", Object(
            "Columns and rows.",
            ("columns", List(Object("A column.", ("name", Text()), ("type", Text())))), ("rows", List(List(Free()))), ("truncated", Bool())));
        document.AddComponent("WebAnalytics", Object(
            "Tiles have key, value and previous; rows of a table value, visitors, views, sessions and bounce_rate.",
            ("results", List(Free()))));
    }

    private static void AddWebhooks(OpenApiDocument document)
    {
        (string, OpenApiSchema)[] asked =
        [
            ("url", Text("uri")), ("events", List(OneOf([.. SessionHappenings.Names]))), ("active", Bool()),
        ];
        (string, OpenApiSchema)[] webhook =
        [
            ("id", Text("uuid")), .. asked, ("created_at", Text("date-time")), ("failures", Whole()), ("gone_at", OrNull(Text("date-time"))),
            ("former_secret_until", OrNull(Text("date-time"))), ("waiting", Whole()), ("dead", Whole()),
        ];
        document.AddComponent("AskedWebhook", Object("A webhook to make, or what to change of one.", asked));
        document.AddComponent("Webhook", Object("A webhook. waiting and dead are 10,000 also where there are more.", webhook));
        document.AddComponent("WebhookPage", Page("Webhook", document));
        document.AddComponent("NewWebhook", Object("A webhook and its secret.", [.. webhook, ("secret", Text())]));
        document.AddComponent("WebhookTest", Object("The delivery that carries the test.", ("delivery", Text("uuid"))));
        document.AddComponent("WebhookDelivery", Object(
            "A delivery to a webhook.",
            ("id", Text("uuid")), ("type", OneOf([.. SessionHappenings.Names, WebhookPayload.Test])), ("session_id", OrNull(Text("uuid"))),
            ("version", Whole()), ("state", OneOf([.. DeliveryStates.All])), ("attempts", Whole()), ("created_at", Text("date-time")),
            ("next_attempt_at", OrNull(Text("date-time"))), ("settled_at", OrNull(Text("date-time"))), ("status", OrNull(Whole())),
            ("error", OrNull(Text()))));
        document.AddComponent("WebhookDeliveryPage", Page("WebhookDelivery", document));
        document.AddComponent("Redelivered", Object("How many are sent again.", ("redelivered", Whole())));
    }

    private static void AddPersons(OpenApiDocument document)
    {
        document.AddComponent("Person", Object(
            "What is stored of a person, by their sessions.",
            ("distinct_ids", List(Text())),
            ("merges", List(Object(
                "What made one person of two ids.",
                ("distinct_id", Text()), ("into", Text()), ("by", OneOf("$identify", "$create_alias", "$merge_dangerously")),
                ("since", OrNull(Text("date-time")))))),
            ("sessions", Whole()), ("events", Whole()), ("replays", Whole()), ("live", Whole()),
            ("first_seen", OrNull(Text("date-time"))), ("last_seen", OrNull(Text("date-time")))));
        (string, OpenApiSchema)[] deletion =
        [
            ("id", Text("uuid")), ("state", OneOf("waiting", "running", "done")), ("asked_at", Text("date-time")),
            ("finished_at", OrNull(Text("date-time"))), ("person", Text()), ("sessions", Whole()), ("events", Whole()), ("replays", Whole()),
        ];
        document.AddComponent("Deletion", Object("A deletion of a person; person is a keyed hash of the id it was asked for by.", deletion));
        document.AddComponent("AskedDeletion", Object(
            "A deletion that was asked for just now, and the person's ids.", [.. deletion, ("distinct_ids", List(Text()))]));
        document.AddComponent("DeletionPage", Page("Deletion", document));
        document.AddComponent("AuditLine", Object(
            "Something that was done to the project. Of a person, subject is the keyed hash of an id.",
            ("id", Whole()), ("at", Text("date-time")), ("actor", Text()), ("actor_key", OrNull(Text("uuid"))),
            ("way", OneOf("api", "page", "server")), ("action", OneOf([.. AuditActions.All])), ("subject", OrNull(Text())),
            ("detail", Free()), ("result", OneOf("begun", "done", "refused", "failed"))));
        document.AddComponent("AuditPage", Page("AuditLine", document));
    }

    private static OpenApiSchema Page(string item, OpenApiDocument document) => Object(
        "A page, and the cursor of the next one.",
        ("results", List(new OpenApiSchemaReference(item, document))), ("next", OrNull(Text())));

    private static OpenApiSchema Filters() => List(Object(
        "One condition.",
        ("key", Text()), ("type", OneOf("session", "event")),
        ("operator", OneOf(
            "exact", "is_not", "in", "not_in", "icontains", "not_icontains", "regex", "not_regex", "gt", "gte", "lt", "lte", "between",
            "is_set", "is_not_set")),
        ("value", Free())));

    private static OpenApiSchema PropertySchema(SessionProperty property)
    {
        OpenApiSchema schema = property.Type switch
        {
            PropertyType.Text => Text(),
            PropertyType.Number => Whole(),
            PropertyType.Seconds => Number(),
            PropertyType.Time => Text("date-time"),
            PropertyType.Boolean => Bool(),
            PropertyType.Uuid => Text("uuid"),
            _ => throw new InvalidOperationException($"{property.Name} has no known type."),
        };
        return property.Always ? schema : OrNull(schema);
    }

    private static OpenApiSchema Object(string description, params (string Name, OpenApiSchema Schema)[] properties) => new()
    {
        Type = JsonSchemaType.Object,
        Description = description,
        Properties = properties.ToDictionary(property => property.Name, property => (IOpenApiSchema)property.Schema),
    };

    private static OpenApiSchema List(IOpenApiSchema of) => new() { Type = JsonSchemaType.Array, Items = of };

    private static OpenApiSchema Text(string? format = null) => new() { Type = JsonSchemaType.String, Format = format };

    private static OpenApiSchema OneOf(params string[] words) =>
        new() { Type = JsonSchemaType.String, Enum = [.. words.Select(word => (System.Text.Json.Nodes.JsonNode)word)] };

    private static OpenApiSchema Whole() => new() { Type = JsonSchemaType.Integer };

    private static OpenApiSchema Number() => new() { Type = JsonSchemaType.Number };

    private static OpenApiSchema Bool() => new() { Type = JsonSchemaType.Boolean };

    private static OpenApiSchema Free(string? description = null) => new() { Description = description };

    private static OpenApiSchema OrNull(OpenApiSchema schema)
    {
        schema.Type |= JsonSchemaType.Null;
        return schema;
    }
}
