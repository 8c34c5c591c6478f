// What a Go programmer would write: gorilla/websocket and encoding/json.
//
//	gorilla PORT command|fanout
//
// `command` parses each command and answers with a response; `fanout` sends each message to all other connections, by a
// goroutine and a channel per connection, as gorilla's chat example does.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

type command struct {
	Type    string          `json:"type"`
	ID      string          `json:"id"`
	Channel string          `json:"channel"`
	Action  string          `json:"action"`
	Data    json.RawMessage `json:"data"`
	Auth    struct {
		Token string `json:"token"`
	} `json:"auth"`
}

type response struct {
	Type      string          `json:"type"`
	ID        string          `json:"id"`
	Timestamp string          `json:"timestamp"`
	Channel   string          `json:"channel"`
	Action    string          `json:"action"`
	Status    string          `json:"status"`
	Data      json.RawMessage `json:"data"`
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

func answer(connection *websocket.Conn) {
	for {
		kind, message, err := connection.ReadMessage()
		if err != nil {
			return
		}
		var request command
		if json.Unmarshal(message, &request) != nil {
			return
		}
		text, _ := json.Marshal(response{
			"response", request.ID, time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), request.Channel, request.Action,
			"ok", request.Data,
		})
		if connection.WriteMessage(kind, text) != nil {
			return
		}
	}
}

var (
	lock        sync.Mutex
	subscribers = map[*websocket.Conn]chan []byte{}
)

func fanOut(connection *websocket.Conn) {
	own := make(chan []byte, 1024)
	lock.Lock()
	subscribers[connection] = own
	lock.Unlock()
	go func() {
		for message := range own {
			if connection.WriteMessage(websocket.TextMessage, message) != nil {
				return
			}
		}
	}()
	defer func() {
		lock.Lock()
		delete(subscribers, connection)
		lock.Unlock()
		close(own)
	}()
	for {
		_, message, err := connection.ReadMessage()
		if err != nil {
			return
		}
		lock.Lock()
		for each, queue := range subscribers {
			if each != connection {
				queue <- message
			}
		}
		lock.Unlock()
	}
}

func main() {
	serve := answer
	if os.Args[2] == "fanout" {
		serve = fanOut
	}
	http.HandleFunc("/", func(writer http.ResponseWriter, request *http.Request) {
		connection, err := upgrader.Upgrade(writer, request, nil)
		if err != nil {
			return
		}
		defer connection.Close()
		serve(connection)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
